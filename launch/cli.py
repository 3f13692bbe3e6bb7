"""The command line of run.py."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from launch import checks, drill, manage, serve, venv
from launch.say import Refused, Usage, pick, write

HELP = (
    """用法:python3 run.py [命令]

  (无命令)              启动:数据库、网页和后台任务,地址 http://127.0.0.1:8000
  demo                    同上,并装入演示公司
  test [pytest 参数]      全部检查和测试;--long 为大规模测试
  check                   只做静态检查
  shots [--out 目录] [名称 …]  演示公司每个页面的图片
  bench [名称 …] [--json]      性能测量
  manage 命令 …           管理命令(例如 manage create_company CODE NAME)
  drill [备份文件]        把备份恢复到临时数据库并核对;不写文件名时用最新的备份

启动的选项:--host 主机(默认 127.0.0.1)  --port 端口(默认 8000,或环境变量 MERITBOOK_PORT)
环境变量:MERITBOOK_DATA 数据目录  DATABASE_URL 自己的 PostgreSQL  MERITBOOK_POSTGRES=system 使用系统的 PostgreSQL
          MERITBOOK_LANG=en 英文  PIP_INDEX_URL 软件包镜像""",
    """Usage: python3 run.py [command]

  (none)                  start: database, pages and worker on http://127.0.0.1:8000
  demo                    the same with the demo company
  test [pytest arguments] all checks and tests; --long for the large ones
  check                   the static checks
  shots [--out DIR] [name …]   a picture of every page of the demo company
  bench [name …] [--json]      measurements
  manage COMMAND …        a management command (manage create_company CODE NAME)
  drill [FILE]            restore a backup (the newest) on trial and compare

Options of a start: --host HOST (127.0.0.1)  --port PORT (8000, or MERITBOOK_PORT)
Environment: MERITBOOK_DATA data folder  DATABASE_URL your own PostgreSQL
             MERITBOOK_POSTGRES=system the system's PostgreSQL  MERITBOOK_LANG=en English
             PIP_INDEX_URL a mirror of the package index""",
)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; 0 done, 1 refused, 2 usage."""
    try:
        return _dispatch(list(arguments))
    except Usage as usage:
        write(f"{usage}\n\n{pick(*HELP)}")
        return 2
    except Refused as refusal:
        write(str(refusal))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        # A full disk, a folder of another user: the place and the reason, not our call stack.
        place = error.filename or ""
        write(pick(f"无法读写 {place}:{error.strerror}", f"Cannot use {place}: {error.strerror}"))
        return 1


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        arguments.insert(0, "run")
    command, *rest = arguments
    if command == "help" or (command != "manage" and rest[:1] in (["-h"], ["--help"])):
        print(pick(*HELP))
        return 0
    commands: dict[str, Callable[[list[str]], int]] = {
        "run": lambda rest: _serve(rest, is_demo=False),
        "demo": lambda rest: _serve(rest, is_demo=True),
        "test": checks.test,
        "check": checks.check,
        "shots": checks.shots,
        "bench": checks.bench,
        "manage": _manage,
        "drill": drill.drill,
        "lock": _lock,
    }
    if command not in commands:
        raise Usage(f"没有这个命令:{command}", f"There is no such command: {command}")
    return commands[command](rest)


def _serve(rest: list[str], *, is_demo: bool) -> int:
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=os.environ.get("MERITBOOK_PORT") or "8000")
    try:
        options, unknown = parser.parse_known_args(rest)
        port = int(options.port)
    except (argparse.ArgumentError, ValueError) as error:
        raise Usage(f"参数有误:{error}", f"Wrong argument: {error}") from error
    if unknown:
        raise Usage(f"不认识的参数:{' '.join(unknown)}", f"Unknown argument: {' '.join(unknown)}")
    if not 1 <= port <= 65_535:
        raise Usage(f"端口应在 1 到 65535 之间:{port}", f"A port is between 1 and 65535: {port}")
    return serve.serve(host=options.host, port=port, is_demo=is_demo)


def _manage(rest: list[str]) -> int:
    if not rest:
        raise Usage("请写出管理命令。", "Name the management command.")
    return manage.manage(rest)


def _lock(rest: list[str]) -> int:
    if rest:
        raise Usage("lock 没有参数。", "lock takes no argument.")
    venv.write_locks()
    return 0
