#!/usr/bin/env python3
"""Starts Meritbook: `python3 run.py --help`. Uses the standard library only."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- said before newer syntax is read
    if os.environ.get("MERITBOOK_LANG", "").startswith("en"):
        sentence = (
            "Meritbook needs Python 3.11 or newer; this is {}. Run it with a newer python3.\n"
        )
    else:
        sentence = "Meritbook 需要 Python 3.11 或更高版本,当前是 {}。请用较新的 python3 运行。\n"
    sys.stderr.write(sentence.format(sys.version.split()[0]))
    sys.exit(1)

if os.name == "nt":
    if os.environ.get("MERITBOOK_LANG", "").startswith("en"):
        sys.stderr.write("On Windows, run Meritbook inside WSL 2.\n")
    else:
        sys.stderr.write("在 Windows 上请在 WSL 2 里运行 Meritbook。\n")
    sys.exit(1)

# The folder with its packages may be anywhere; the current folder need not be it.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from launch.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
