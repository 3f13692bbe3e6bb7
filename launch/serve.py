"""`run.py` and `run.py demo`: everything up, addresses printed, looked after until the end."""

from __future__ import annotations

import signal
import subprocess
import sys

from launch import paths, postgres, steps
from launch.database import Database
from launch.say import Refused, pick, say, show, write
from launch.supervise import Child, Supervisor, web_command, worker_command


def serve(*, host: str, port: int, is_demo: bool) -> int:
    """Serve until Ctrl-C. Exit code 0; refusals are raised."""
    refuse_taken_port(host, port)
    steps.prepare_packages()
    database = steps.prepare_database()
    try:
        steps.prepare_pages(database)
        personas = command_output(database, "load_demo") if is_demo else ""
        return _serve(database, host=host, port=port, personas=personas)
    finally:
        database.release()


def _serve(database: Database, *, host: str, port: int, personas: str) -> int:
    refuse_taken_port(host, port)
    env = steps.django_environment(database, is_trusted=False)
    env |= {"MERITBOOK_HOST": host, "MERITBOOK_PORT": str(port)}
    worker_env = steps.django_environment(database, is_trusted=False, backs_up=True)
    web = Child("web", web_command(host=host, port=port), env)
    supervisor = Supervisor(database, [web])
    supervisor.catch_signals()
    address = f"http://{_reached_at(host)}:{port}"
    try:
        if supervisor.wait_for_web(address):
            show(pick(f"积分簿已启动:{address}/", f"Meritbook is running: {address}/"))
            # The pages come first: on a small machine everything else would slow them down.
            supervisor.children.append(
                # Its jobs are transactions; waiting politely for a database that is going away
                # would keep it alive after us.
                Child("worker", worker_command(), worker_env, on_parent_death=signal.SIGKILL)
            )
            show_way_in(address, personas or setup_link(database, supervisor))
            say("按 Ctrl+C 停止。", "Press Ctrl+C to stop.")
            supervisor.run()
    finally:
        supervisor.stop()
    say("已停止。", "Stopped.")
    return 0


def setup_link(database: Database, supervisor: Supervisor) -> str:
    """The page that makes the first company; empty when there is one. The pages already run:
    trouble here is told, and ends nothing."""
    try:
        return command_output(database, "setup_link").strip()
    except Refused as refusal:
        if not supervisor.is_stopping:  # Ctrl-C also ends what we wait for
            write(str(refusal))
        return ""


def show_way_in(address: str, told: str) -> None:
    """The log-ins of the demo company, or the page that makes the first company."""
    if told.startswith(("/", "http")):
        link = told if told.startswith("http") else f"{address}{told}"
        show(pick(f"还没有公司,请打开:{link}", f"There is no company yet; open: {link}"))
    elif told:
        show(told.rstrip())


def command_output(database: Database, *arguments: str) -> str:
    """Standard output of a management command that has to succeed."""
    done = subprocess.run(
        [str(paths.venv_python()), "-m", "django", *arguments],
        env=steps.django_environment(database, is_trusted=True),
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if sys.stderr.isatty() else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        write((done.stderr or "").strip())
        raise Refused(f"步骤失败:{' '.join(arguments)}", f"This step failed: {' '.join(arguments)}")
    return done.stdout


def refuse_taken_port(host: str, port: int) -> None:
    """A clear sentence before anything is started."""
    if not postgres.is_free(port, host):
        raise Refused(
            f"{host} 的端口 {port} 不能使用(可能已被另一个程序占用)。换一个端口:python3 run.py --port {port + 1}",
            f"Port {port} of {host} cannot be used (another program may have it). "
            f"Choose another one: python3 run.py --port {port + 1}",
        )


def _reached_at(host: str) -> str:
    if host in {"0.0.0.0", ""}:
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
