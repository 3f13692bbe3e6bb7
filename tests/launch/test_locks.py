"""The locks: every package with hashes, no address in them, one version of each."""

import re

import pytest

from launch import paths, venv

NAME = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)")


def _packages(lock: str) -> dict[str, str]:
    text = (paths.REQUIREMENTS / f"{lock}.txt").read_text()
    return dict(found.groups() for line in text.splitlines() if (found := NAME.match(line)))  # type: ignore[misc]


@pytest.mark.parametrize("lock", venv.ALL)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    text = (paths.REQUIREMENTS / f"{lock}.txt").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n", "", text).strip())
    assert blocks
    for block in blocks:
        assert NAME.match(block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("lock", venv.ALL)
def test_no_lock_holds_an_address_or_a_path(lock: str) -> None:
    text = (paths.REQUIREMENTS / f"{lock}.txt").read_text()
    assert not re.search(r"://|@ |--index|--extra|--find-links|(?m:^-)|(?m:^/)|\.whl", text)


def test_the_development_lock_includes_the_base_lock() -> None:
    development = _packages(venv.DEVELOPMENT)
    for name, version in _packages(venv.BASE).items():
        assert development.get(name) == version, name


@pytest.mark.parametrize("lock", venv.ALL)
def test_every_wish_is_in_its_lock(lock: str) -> None:
    locked = _packages(lock)
    for line in (paths.REQUIREMENTS / f"{lock}.in").read_text().splitlines():
        if line and not line.startswith(("-r", "#")):
            name = re.split(r"[\[=<>~! ;]", line)[0].lower().replace("_", "-")
            assert name in locked, f"{name}: write the locks anew with `run.py lock`"


def test_the_front_end_lock_holds_integrity_and_no_registry() -> None:
    text = (paths.FRONTEND / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity": "sha512-' in text
