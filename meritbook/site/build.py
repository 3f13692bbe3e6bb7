"""Compiles the translations (.po → .mo) without GNU gettext: ``python -m meritbook.site.build``."""

import sys
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent


def compile_translations(package: Path) -> list[Path]:
    """Write a .mo file beside every .po file below ``package``; the files written."""
    written = []
    for source in sorted(package.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        # In one step: a server that starts meanwhile reads the old file or the new one.
        temporary = target.with_name(f".{target.name}.new")
        polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(temporary))
        temporary.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_translations(PACKAGE):
        sys.stderr.write(f"{path.relative_to(PACKAGE)}\n")
