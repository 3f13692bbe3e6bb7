"""Collects every string of the interface and keeps locale/en/LC_MESSAGES/django.po in step.

``python -m meritbook.site.messages`` adds new strings (untranslated) and drops those that are gone;
``--check`` only says what is missing. Babel does the work: no gettext tools are needed.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polib
from babel.messages.extract import extract_from_dir
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, tuple[Any, ...] | None] = {
    "_": None,
    "_now": None,
    "say": None,
    "told": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


_LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"(?<!\w)(_|gettext|ngettext|pgettext)\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?")


def _extract_template(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Babel's extraction method for Django templates: Django turns them into calls."""
    calls = templatize(file.read().decode("utf-8"))
    for call in _CALL.finditer(calls):
        name, *literals = call.groups()
        texts = tuple(ast.literal_eval(each) for each in literals if each is not None)
        yield calls.count("\n", 0, call.start()) + 1, name, texts, []


def strings() -> dict[tuple[str, str | None, str | None], list[str]]:
    """(msgid, plural, context) → the files that use it."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    # Babel's stubs know methods by name only; a function serves as well.
    methods: list[Any] = [("**.py", "python"), ("**/templates/**.html", _extract_template)]
    keywords: Any = KEYWORDS
    extracted = extract_from_dir(
        PACKAGE,
        method_map=methods,
        keywords=keywords,
        directory_filter=lambda path: (
            Path(path).name not in {"migrations", "static", "__pycache__"}
        ),
    )
    for file_name, _line, message, _comments, context in extracted:
        singular, plural = message if isinstance(message, tuple) else (message, None)
        if singular:
            found.setdefault((singular, plural, context), []).append(file_name)
    return found


def update() -> tuple[int, int]:
    """Bring the catalogue in step; how many strings were added and dropped."""
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else _new_catalogue()
    known = {(entry.msgid, entry.msgid_plural or None, entry.msgctxt): entry for entry in catalogue}
    wanted = strings()
    for key in [key for key in known if key not in wanted]:
        catalogue.remove(known[key])
    for key in [key for key in wanted if key not in known]:
        msgid, plural, context = key
        entry = polib.POEntry(msgid=msgid, msgstr="", msgctxt=context)
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: "", 1: ""}
        if "%(" in msgid or re.search(r"%[sd]", msgid):
            entry.flags.append("python-format")
        catalogue.append(entry)
    for entry in catalogue:
        entry.occurrences = []
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    catalogue.save(str(CATALOGUE))
    return len(wanted.keys() - known.keys()), len(known.keys() - wanted.keys())


def _new_catalogue() -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Project-Id-Version": "meritbook",
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


def untranslated() -> list[str]:
    """The strings that have no English yet."""
    catalogue = polib.pofile(str(CATALOGUE))
    done = {
        (entry.msgid, entry.msgid_plural or None, entry.msgctxt)
        for entry in catalogue.translated_entries()
    }
    return sorted(
        msgid for msgid, plural, context in strings() if (msgid, plural, context) not in done
    )


def unmarked(paths: Iterable[Path]) -> list[tuple[Path, int, str]]:
    """Chinese literals in Python that no gettext call holds: (file, line, text)."""
    found: list[tuple[Path, int, str]] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marked: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in KEYWORDS:
                marked.update(id(each) for each in ast.walk(node))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                marked.add(id(node.value))
        found.extend(
            (path, node.lineno, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and CHINESE.search(node.value)
            and id(node) not in marked
        )
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check:
        added, dropped = update()
        sys.stderr.write(f"+{added} -{dropped}\n")
    missing = untranslated()
    for msgid in missing:
        sys.stdout.write(f"{msgid}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
