"""The catalogue: every string of the interface has English that fits it."""

import re
from collections.abc import Iterator

import polib
import pytest

from meritbook.site.messages import CATALOGUE, PACKAGE, strings, unmarked, untranslated

NOT_FOR_TRANSLATION = {
    "awards/lines.py": "headings as files write them",
    "files/operations/runs.py": "the name of a file without one, stored",
    "kit/expressions/": "the words of the language that people write conditions in",
    "kit/platform_tables.py": "a word of the glossary in a comment of the database",
    "kit/provision.py": "runs before there is a language: says both",
    "kit/samples.py": "people and lines of the page of parts, in development only",
    "kit/sheets/documents.py": "names of sheets, stored with what is read",
    "kit/sheets/grid.py": "yes and no as cells write them",
    "kit/sheets/values.py": "numbers and dates as cells write them",
    "kit/sheets/writing.py": "headings of an error report, known again when it comes back",
    "org/names.py": "surnames",
    "org/operations/audit.py": "who acted, stored",
    "org/operations/companies.py": "the name of the first programme, stored",
    "org/people_file.py": "states as files write them",
    "org/sheets.py": "headings as files write them",
    "rules/attributes.py": "values as events carry them",
    "rules/blank_table.py": "headings and samples that the importer reads",
    "rules/conditions.py": "names that conditions use",
    "rules/content.py": "units of money",
    "rules/forms/asked.py": "yes and no as events carry them",
    "rules/event_types/catalogue.py": "the words of standards",
    "rules/forms/conditions.py": "words that people write in a form",
    "rules/forms/rule.py": "units of money",
    "rules/forms/shown.py": "units of money",
    "rules/health/": "the words of standards",
    "rules/library/": "names of the library's tables",
    "rules/operations/importing.py": "the name of pasted text, stored",
    "rules/operations/loading.py": "how departments are called",
    "rules/populations.py": "how departments and posts are called",
    "rules/spec.py": "names of attributes",
    "rules/tables/": "the words of the importer's grammar",
    "rules/texts.py": "the words of standards",
    "rules/timewords.py": "the words of standards about time",
    "site/api.py": "the product's name",
    "site/demo/": "the demo company",
}
"""Where Chinese stands that is vocabulary or data, and why."""

PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w*)\}|%([sd])")


def pairs() -> Iterator[tuple[str, str]]:
    """Every source string with every English form of it."""
    for entry in polib.pofile(str(CATALOGUE)):
        forms = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for form in forms:
            yield entry.msgid, form


def placeholders(text: str) -> set[str]:
    return {"".join(found) for found in PLACEHOLDER.findall(text)}


def test_every_string_has_english() -> None:
    assert untranslated() == []


def test_the_catalogue_holds_nothing_that_is_gone() -> None:
    held = {
        (entry.msgid, entry.msgid_plural or None, entry.msgctxt)
        for entry in polib.pofile(str(CATALOGUE))
    }
    assert held - set(strings()) == set()


HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff”）」][,;:?!]|[,;:?!][\u4e00-\u9fff“（「]|[\u4e00-\u9fff] ?\(|(?<!%)\)[\u4e00-\u9fff]"
)


def test_chinese_is_punctuated_as_chinese() -> None:
    """Lists of the expressions that people write are no sentences."""
    texts = [PLACEHOLDER.sub("", msgid) for msgid, _plural, _context in strings()]
    assert [text for text in texts if HALF_WIDTH.search(text) and "[“" not in text] == []


def test_everybody_is_addressed_alike() -> None:
    assert [msgid for msgid, _plural, _context in strings() if "您" in msgid] == []


def test_placeholders_agree() -> None:
    wrong = [pair for pair in pairs() if placeholders(pair[0]) != placeholders(pair[1])]
    assert wrong == []


@pytest.mark.parametrize("mark", ["%%", "<", "\n"])
def test_marks_agree(mark: str) -> None:
    wrong = [pair for pair in pairs() if pair[0].count(mark) != pair[1].count(mark)]
    assert wrong == []


def test_formats_fill_in() -> None:
    """Formats with their own numbers: a wrong conversion would fail only when a page shows it."""
    for msgid, english in pairs():
        if "%(" in msgid:
            values = dict.fromkeys(placeholders(msgid), 7)
            assert english % values


def test_what_people_read_is_marked() -> None:
    """A sentence outside these files that no call marks would stay Chinese for everybody."""
    files = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    excused = tuple(NOT_FOR_TRANSLATION)
    left = [
        f"{name}:{line} {text}"
        for path, line, text in unmarked(files)
        if not (name := str(path.relative_to(PACKAGE))).startswith(excused)
    ]
    assert left == []


def test_every_exception_is_needed() -> None:
    files = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    found = {str(path.relative_to(PACKAGE)) for path, _line, _text in unmarked(files)}
    idle = [
        name for name in NOT_FOR_TRANSLATION if not any(each.startswith(name) for each in found)
    ]
    assert idle == []


MARKED = re.compile(
    r"\{% (blocktranslate)\b.*?\{% endblocktranslate %\}|\{% translate .*?%\}|_\(\"[^\"]*\"\)"
    r"|\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}",
    re.DOTALL,
)
SAMPLES = ("kit/templates/kit/style/", "kit/templates/kit/parts/_language.html")


def test_what_templates_show_is_marked() -> None:
    left = [
        f"{name} {found[0]}"
        for path in PACKAGE.rglob("templates/**/*.html")
        if not (name := str(path.relative_to(PACKAGE))).startswith(SAMPLES)
        and (found := re.search(r".*[\u4e00-\u9fff].*", MARKED.sub("", path.read_text("utf-8"))))
    ]
    assert left == []
