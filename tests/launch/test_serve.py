"""`run.py` serving: killed parts come back, nothing is left behind, data stay."""

import os
import signal
import urllib.request

from launch import processes
from launch.supervise import answers
from tests.launch.conftest import Running, Serve


def _answers(running: Running) -> bool:
    return answers(f"http://127.0.0.1:{running.port}/health")


def _page(running: Running, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=10) as response:
        return str(response.read().decode())


def test_an_empty_installation_prints_the_way_in_and_stops_in_order(serve: Serve) -> None:
    running = serve()
    assert running.process.stdout is not None
    setup = running.process.stdout.readline()
    assert f"http://127.0.0.1:{running.port}/setup/" in setup
    path = setup[setup.index("/setup/") :].strip()
    assert "<form" in _page(running, path)
    assert running.family()
    assert running.stop() == 0
    assert processes.wait_until(lambda: not running.family(), seconds=15)


def test_killed_parts_come_back_and_a_second_start_adopts_the_data(serve: Serve) -> None:
    running = serve()
    identifier = _identifier(running)
    postmaster = running.postmaster()
    os.kill(postmaster, signal.SIGKILL)
    assert processes.wait_until(
        lambda: running.postmaster() != postmaster and _answers(running), seconds=15
    )
    web = [pid for pid in running.family() if "granian" in processes.command_of(pid)]
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not _answers(running), seconds=5, pause=0.01) or web
    assert processes.wait_until(lambda: _answers(running), seconds=15)
    # Not even run.py is there to tidy up.
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    assert processes.wait_until(lambda: not running.family(), seconds=40), _left(running)
    again = serve()
    assert _identifier(again) == identifier
    assert again.stop() == 0


def _left(running: Running) -> list[str]:
    return [processes.command_of(pid) for pid in running.family()]


def _identifier(running: Running) -> bytes:
    (control,) = running.home.glob("postgres-*/global/pg_control")
    return control.read_bytes()[:8]
