"""From a checkout to something that runs: packages, assets, database, migrations; each once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launch import database as databases
from launch import frontend, paths, postgres, processes, venv
from launch.database import Database
from launch.say import Refused, say, write

PACKAGE = paths.ROOT / "meritbook"


def django_environment(
    database: Database | None, *, is_trusted: bool, backs_up: bool = False
) -> dict[str, str]:
    """The environment for Django. Web and worker are not trusted with more than the app's role;
    commands of the person at the keyboard also get the owner's and the operator's. The worker
    gets the operator's beside its own, for pg_dump alone (``backs_up``)."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith("MERITBOOK_DB_")
    }
    env.pop("DATABASE_URL", None)
    # Without compiled modules every command takes a second longer.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    data = paths.data_folder() if database is None else database.data
    env |= {
        "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
        "PYTHONPATH": str(paths.ROOT),
        "PYTHONUTF8": "1",
        "MERITBOOK_DATA": str(data),
        "MERITBOOK_DEBUG": os.environ.get("MERITBOOK_DEBUG", "0"),
    }
    if pool := os.environ.get("MERITBOOK_DB_POOL"):
        env["MERITBOOK_DB_POOL"] = pool
    env.setdefault("MERITBOOK_LANG", "zh")
    if database is not None:
        env["MERITBOOK_SECRET_KEY"] = postgres.secret(data, "django_secret_key")
        env["MERITBOOK_DB_APP"] = database.url(databases.APP)
        if is_trusted:
            env["MERITBOOK_DB_OWNER"] = database.url(databases.OWNER)
        if is_trusted or backs_up:
            env["MERITBOOK_DB_OPS"] = database.url(databases.OPS)
            if found := databases.client_programs(database):
                env["MERITBOOK_POSTGRES_BIN"] = str(found)
    return env


def prepare_packages(*, is_development: bool = False) -> None:
    """The environment with all packages that are needed."""
    venv.ensure(venv.DEVELOPMENT if is_development else venv.BASE)


def prepare_database() -> Database:
    """The database of the data folder, running and migrated."""
    data = paths.make_private_folder(paths.data_folder())
    try:
        lock = processes.FileLock(data / "start.lock")
    except PermissionError as error:
        raise postgres.foreign_folder(data) from error
    with lock.held_alone():
        database = databases.open_database(data)
        try:
            migrate(database)
        except BaseException:
            database.release()
            raise
    return database


def migrate(database: Database) -> None:
    """Bring the tables up to date; skipped when this database has had these migrations."""
    stamps = paths.Stamps(database.data / "stamps.json")
    state = paths.digest(migration_files(), database.identity)
    if database.identity and stamps.is_done("migrate", state):
        return
    say("正在准备数据表…", "Preparing the tables …")
    run_django(
        ["migrate", "--database", "owner", "--noinput", "--skip-checks", "-v", "0"],
        env=django_environment(database, is_trusted=True),
    )
    stamps.set_done("migrate", state)


def prepare_pages(database: Database | None = None) -> None:
    """Translations, front end, and the folder of static files that the web server hands out."""
    translations()
    frontend.ensure()
    data = paths.make_private_folder(paths.data_folder()) if database is None else database.data
    target = Path(os.environ.get("MERITBOOK_STATIC", data / "static"))
    stamps = paths.Stamps(data / "stamps.json")
    state = paths.digest(
        [
            *_files(PACKAGE.glob("*/static/**/*")),
            paths.REQUIREMENTS / "base.txt",
            PACKAGE / "site/settings.py",
        ],
        str(target),
    )
    if stamps.is_done("static", state) and target.is_dir():
        return
    run_django(
        ["collectstatic", "--noinput", "--clear", "-v", "0"],
        env=django_environment(database, is_trusted=False),
    )
    stamps.set_done("static", state)


def translations() -> None:
    """Compile the translations whose source is newer than the compiled file."""
    sources = list(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"))
    if all(_is_newer(source.with_suffix(".mo"), source) for source in sources):
        return
    _run(
        [str(paths.venv_python()), "-m", "meritbook.site.build"],
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
    )


def migration_files() -> list[Path]:
    """All that decides about the tables: migrations, their SQL, and packages with tables."""
    return [
        *PACKAGE.glob("*/migrations/*.py"),
        *PACKAGE.glob("*/sql/**/*.sql"),
        PACKAGE / "kit" / "tables.py",
        paths.REQUIREMENTS / "base.txt",
    ]


def run_django(arguments: Sequence[str], *, env: dict[str, str]) -> None:
    """Run a Django command whose output people need only when it fails."""
    _run([str(paths.venv_python()), "-m", "django", *arguments], env=env)


def _run(command: Sequence[str], *, env: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        env=env,
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        write(done.stdout.decode("utf-8", "replace").strip())
        name = " ".join(command[2:4])
        raise Refused(f"步骤失败:{name}", f"This step failed: {name}")


def _files(found: object) -> list[Path]:
    return [file for file in found if file.is_file()]  # type: ignore[attr-defined]


def _is_newer(file: Path, source: Path) -> bool:
    return file.exists() and file.stat().st_mtime_ns >= source.stat().st_mtime_ns
