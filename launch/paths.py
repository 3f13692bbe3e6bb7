"""Where things lie, and the stamps that tell which steps are done."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
FRONTEND_OUTPUT = ROOT / "meritbook" / "kit" / "static" / "build"


def data_folder() -> Path:
    """The data folder: MERITBOOK_DATA, else `data` beside run.py. Absolute; may not exist yet."""
    chosen = os.environ.get("MERITBOOK_DATA")
    return Path(chosen).expanduser().absolute() if chosen else ROOT / "data"


def venv_folder() -> Path:
    """The virtual environment: MERITBOOK_VENV, else `.venv` beside run.py."""
    chosen = os.environ.get("MERITBOOK_VENV")
    return Path(chosen).expanduser().absolute() if chosen else ROOT / ".venv"


def venv_python() -> Path:
    """The interpreter of the virtual environment."""
    return venv_folder() / "bin" / "python"


def make_private_folder(folder: Path) -> Path:
    """Create a folder of ours. Others may pass through it (0711) when we are root, since
    PostgreSQL then runs as nobody below it; else it is closed (0700)."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it (0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def digest(files: Iterable[Path], *extra: str) -> str:
    """A hash over names and contents of files, and over further texts."""
    total = hashlib.sha256()
    for text in extra:
        total.update(text.encode() + b"\0")
    for file in sorted(files):
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        total.update(str(name).encode("utf-8", "surrogateescape") + b"\0")
        try:
            total.update(hashlib.sha256(file.read_bytes()).digest())
        except FileNotFoundError:
            continue  # removed while we looked: the next start sees the difference
    return total.hexdigest()


def python_tag() -> str:
    """Which Python and which machine: packages installed for another one do not count."""
    return f"{sys.version_info.major}.{sys.version_info.minor}-{sys.platform}-{os.uname().machine}"


class Stamps:
    """Steps done, by name, in one small JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def is_done(self, name: str, value: str) -> bool:
        """True when step `name` was finished for exactly this state of its inputs."""
        return self._read().get(name) == value

    def value(self, name: str) -> str | None:
        """The state for which step `name` was finished last."""
        return self._read().get(name)

    def set_done(self, name: str, value: str) -> None:
        """Remember that step `name` is finished for this state of its inputs."""
        write_private(
            self.path, json.dumps({**self._read(), name: value}, indent=1, sort_keys=True)
        )

    def forget(self, name: str) -> None:
        """The step has to be done again."""
        kept = {key: value for key, value in self._read().items() if key != name}
        write_private(self.path, json.dumps(kept, indent=1, sort_keys=True))
