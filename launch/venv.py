"""The environment: `.venv` with locked, hashed packages, by uv or else by pip."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launch import paths, processes
from launch.say import Refused, say, write

INSTALLER, BASE, DEVELOPMENT, POSTGRES, NODE = "installer", "base", "dev", "postgres", "node"
ALL = (INSTALLER, POSTGRES, NODE, BASE, DEVELOPMENT)
NO_NETWORK = re.compile(
    r"timed? ?out|timeout|dns error|name resolution|name or service not known|nodename nor servname"
    r"|could not resolve|network is unreachable|no route to host|connection (?:refused|reset|aborted)"
    r"|failed to (?:establish|fetch)|error sending request|connecterror|proxyerror|ssl(?:error| certificate)"
    r"|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT",
    re.IGNORECASE,
)
NO_WHEEL = re.compile(
    r"no matching distribution|no solution found|has no (?:usable )?wheels|no wheels? with a matching"
    r"|building source distributions is disabled|no binary distribution",
    re.IGNORECASE,
)


def ensure(*locks: str) -> None:
    """Have the packages of these locks (BASE, DEVELOPMENT, …) installed; nothing to do is quick."""
    stamps = paths.Stamps(paths.venv_folder() / "meritbook.json")
    missing = [lock for lock in locks if not _is_installed(stamps, lock)]
    if not missing:
        return
    with processes.FileLock(paths.venv_folder().parent / ".venv.lock").held_alone():
        _make_environment()
        for lock in missing:
            if not _is_installed(stamps, lock):
                _install(lock)
                stamps.set_done(lock, _state(lock))


def try_ensure(lock: str) -> bool:
    """The same for something that we can do without: False instead of a refusal."""
    try:
        ensure(lock)
    except Refused:
        return False
    return True


def write_locks() -> None:
    """Resolve requirements/*.in anew into hashed locks without any address. For maintainers."""
    if not Path(_uv()[0]).exists():
        ensure(INSTALLER)
    # Hashes of published files only, not of what lies on this machine.
    local = {"UV_FIND_LINKS", "UV_INDEX", "UV_EXTRA_INDEX_URL"}
    env = {name: value for name, value in _uv_environment().items() if name not in local}
    for name in ALL:
        done = subprocess.run(
            [
                *(*_uv(), "pip", "compile", "--universal", "--generate-hashes", "--quiet"),
                *("--python-version", "3.11", "--no-emit-index-url", "--upgrade"),
                *(
                    "--custom-compile-command",
                    "python3 run.py lock",
                    f"{name}.in",
                    "-o",
                    f"{name}.txt",
                ),
                *(["--constraint", f"{BASE}.txt"] if name == DEVELOPMENT else []),
            ],
            cwd=paths.REQUIREMENTS,
            env=env,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(f"{name}.in 无法解析。", f"{name}.in could not be resolved.")


def _lock_file(lock: str) -> Path:
    return paths.REQUIREMENTS / f"{lock}.txt"


def _state(lock: str) -> str:
    return paths.digest([_lock_file(lock)], paths.python_tag())


def _is_installed(stamps: paths.Stamps, lock: str) -> bool:
    # The development lock holds the base lock too.
    return os.path.exists(paths.venv_python()) and (
        stamps.is_done(lock, _state(lock))
        or (lock == BASE and stamps.is_done(DEVELOPMENT, _state(DEVELOPMENT)))
    )


def _make_environment() -> None:
    folder = paths.venv_folder()
    if _works(paths.venv_python()):
        return
    if folder.exists() and not (folder / "pyvenv.cfg").exists():
        raise Refused(
            f"{folder} 已存在,但不是虚拟环境。", f"{folder} exists and is no virtual environment."
        )
    say("正在创建运行环境…", "Creating the environment …")
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        # uv needs no ensurepip, which Debian's python3 lacks.
        command = [
            uv,
            "venv",
            "--seed",
            "--quiet",
            "--no-python-downloads",
            "--python",
            sys.executable,
        ]
        if (
            subprocess.run(
                [*command, str(folder)], env=_uv_environment(), capture_output=True, check=False
            ).returncode
            == 0
        ):
            return
        shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        if "ensurepip" in done.stdout + done.stderr:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise Refused(
                f"这个 Python 缺少 venv 模块,请先安装(Debian/Ubuntu: apt install python{version}-venv),再运行一次。",
                f"This Python lacks its venv module: install it (Debian/Ubuntu: apt install python{version}-venv) and run again.",
            )
        raise Refused(
            f"无法创建运行环境 {folder}:{done.stderr.strip()}",
            f"The environment {folder} could not be created: {done.stderr.strip()}",
        )


def _works(python: Path) -> bool:
    """True when the environment's interpreter runs and is of our version."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        ).stdout.split()
        return told == [str(part) for part in sys.version_info[:2]]
    return False


def _install(lock: str) -> None:
    if not _lock_file(lock).exists():
        raise Refused(f"缺少 {_lock_file(lock)}。", f"{_lock_file(lock)} is missing.")
    if lock == INSTALLER:
        _refuse_failure(_by_pip(lock), lock)
        return
    say(f"正在安装依赖({lock})…", f"Installing packages ({lock}) …")
    told = ""
    if _have_uv():
        told = _by_uv(lock)
        if not told:
            return
    # uv is stricter about old mirrors, proxies and certificates than pip: pip gets its try too,
    # unless it is plain that there is no way to the packages.
    if told and NO_NETWORK.search(told):
        _refuse_failure(told, lock)
    if told:
        write(told)
    _refuse_failure(_by_pip(lock), lock)


def _have_uv() -> bool:
    if shutil.which("uv"):
        return True
    stamps = paths.Stamps(paths.venv_folder() / "meritbook.json")
    if _is_installed(stamps, INSTALLER) and (paths.venv_folder() / "bin" / "uv").exists():
        return True
    told = _by_pip(INSTALLER)
    if NO_NETWORK.search(told):
        _refuse_failure(told, INSTALLER)
    if told:
        return False
    stamps.set_done(INSTALLER, _state(INSTALLER))
    return True


def _uv() -> list[str]:
    return [shutil.which("uv") or str(paths.venv_folder() / "bin" / "uv")]


def _by_uv(lock: str) -> str:
    """Install; an empty string, or what uv said when it failed."""
    return _run(
        [
            *(*_uv(), "pip", "install", "--python", str(paths.venv_python()), "--require-hashes"),
            "--compile-bytecode",
            *("--no-build", "--quiet", "-r", str(_lock_file(lock))),
        ],
        _uv_environment(),
    )


def _by_pip(lock: str) -> str:
    """Install; an empty string, or what pip said when it failed."""
    return _run(
        [
            *(
                str(paths.venv_python()),
                "-m",
                "pip",
                "install",
                "--require-hashes",
                "--only-binary",
                ":all:",
            ),
            *(
                "--quiet",
                "--retries",
                "2",
                "--disable-pip-version-check",
                "-r",
                str(_lock_file(lock)),
            ),
        ],
        _pip_environment(),
    )


def _run(command: Sequence[str], env: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    told = done.stdout.decode("utf-8", "replace").strip()
    return "" if done.returncode == 0 else told or f"exit code {done.returncode}"


def _refuse_failure(told: str, lock: str) -> None:
    if not told:
        return
    last = "\n".join(told.splitlines()[-6:])
    if NO_NETWORK.search(told):
        raise Refused(
            f"安装依赖({lock})时连不上软件包仓库:请检查网络,或把环境变量 PIP_INDEX_URL 设为就近的镜像后重试。\n{last}",
            f"The package index could not be reached ({lock}): check the network, "
            f"or set PIP_INDEX_URL to a mirror near you, and try again.\n{last}",
        )
    if NO_WHEEL.search(told):
        raise Refused(
            f"依赖({lock})没有适合这个系统({paths.python_tag()})的现成安装包,自行编译需要编译器:"
            f"请换用 64 位 Linux 或 macOS 上的 CPython 3.11–3.13。\n{last}",
            f"Some packages ({lock}) are not built for this system ({paths.python_tag()}) and would need a compiler: "
            f"use CPython 3.11-3.13 on 64-bit Linux or macOS.\n{last}",
        )
    raise Refused(
        f"依赖({lock})安装失败:\n{last}", f"Packages ({lock}) could not be installed:\n{last}"
    )


def _uv_environment() -> dict[str, str]:
    """uv reads none of pip's settings: hand them over, so that one setting serves both."""
    env = dict(os.environ)
    env.pop("VIRTUAL_ENV", None)
    index = env.get("PIP_INDEX_URL") or _configured_index()
    if index and not ({"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & env.keys()):
        env["UV_DEFAULT_INDEX"] = index
    for ours, theirs in (("UV_INDEX", "PIP_EXTRA_INDEX_URL"), ("UV_FIND_LINKS", "PIP_FIND_LINKS")):
        if env.get(theirs):
            env.setdefault(
                ours, env[theirs] if ours == "UV_INDEX" else ",".join(env[theirs].split())
            )
    if env.get("PIP_CERT"):
        env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
    if env.get("PIP_NO_INDEX"):
        env.setdefault("UV_NO_INDEX", "1")
    env.setdefault("UV_HTTP_TIMEOUT", "60")
    env.setdefault("UV_LINK_MODE", "copy" if sys.platform == "darwin" else "hardlink")
    return env


def _pip_environment() -> dict[str, str]:
    env = dict(os.environ)
    index = env.get("UV_DEFAULT_INDEX") or env.get("UV_INDEX_URL")
    if index:
        env.setdefault("PIP_INDEX_URL", index)
    env.setdefault("PIP_DEFAULT_TIMEOUT", "60")
    return env


def _configured_index() -> str:
    """The index that pip's own configuration names: many people set their mirror there."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            [paths.venv_python(), "-m", "pip", "config", "get", "global.index-url"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return ""
