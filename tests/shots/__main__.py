"""Pictures of every page of the demo company, as each persona who has it.

    python -m tests.shots [--out DIR] [name …]

For each page and persona three pictures: desktop 1366, phone 390, dark. A name is a page's name in
the addresses (``rules``, ``event-new``) or the beginning of a picture's name.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.shots.pages import SHOTS
from tests.shots.shot import VARIANTS, Shot

ROOT = Path(__file__).resolve().parents[2]


def chosen(names: Sequence[str]) -> list[Shot]:
    """The shots of pages named; all without names."""
    return [
        shot
        for shot in SHOTS
        if not names or any(shot.page == each or shot.name.startswith(each) for each in names)
    ]


def main(arguments: Sequence[str]) -> int:
    """0 when every picture was taken and no page was at fault; 1 otherwise; 2 usage."""
    parser = argparse.ArgumentParser(prog="run.py shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "shots", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="name")
    options = parser.parse_args(arguments)
    shots = chosen(options.names)
    if not shots:
        print(f"no page is called so: {' '.join(options.names)}", file=sys.stderr)
        return 2
    from tests import databases

    os.environ.update(
        DJANGO_SETTINGS_MODULE="meritbook.site.settings",
        MERITBOOK_DB_POOL="0",
        MERITBOOK_SECRET_KEY="shots",
        MERITBOOK_STATIC_PLAIN="1",
        MERITBOOK_LOG="ERROR",
        MERITBOOK_DATA=str(options.out.resolve() / ".data"),
    )
    os.environ.pop("MERITBOOK_DEBUG", None)
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    with databases.copy("shots") as name, databases.copy("nocompany") as bare:
        os.environ["MERITBOOK_DB_APP"] = databases.url(databases.APP, name)
        import django

        django.setup()
        faults = _photograph(shots, out=options.out, name=name, bare=bare)
    count = sum(len(shot.personas) for shot in shots) * len(VARIANTS)
    print(f"{count} pictures in {options.out}, {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


def _photograph(shots: Sequence[Shot], *, out: Path, name: str, bare: str) -> int:
    """All pictures; the set-up page on the database without a company."""
    from django.db import connections

    from meritbook.kit import clock
    from meritbook.site.founding import open_setup
    from tests.browser.live import ChromiumMissing, chromium, serving
    from tests.conftest import point_to as point
    from tests.shots.demo import prepare
    from tests.shots.pictures import take

    try:
        with chromium() as browser, serving() as site:
            demo = prepare()
            faults = take(
                [shot for shot in shots if shot.page != "setup"],
                prepared=demo,
                out=out,
                site=site,
                browser=browser,
            )
            point(connections["default"], bare)
            demo.setup = open_setup(now=clock.now()) or ""
            faults += take(
                [shot for shot in shots if shot.page == "setup"],
                prepared=demo,
                out=out,
                site=site,
                browser=browser,
            )
            connections.close_all()
            return faults
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
