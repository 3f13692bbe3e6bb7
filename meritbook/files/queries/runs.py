"""Import runs and the files that belong to them."""

import gzip
import json
from pathlib import Path

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun, StoredFile
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem


class UnknownRun(Refusal):
    """The company has no import with the id."""

    code = "unknown_import"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这次导入"))


class FileGone(Refusal):
    """The file is no longer kept."""

    code = "file_gone"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("原文件已经不在了"))


def run_of(*, company_id: int, run_id: int, kind: str | None = None) -> ImportRun:
    """The run. Raises UnknownRun."""
    found = ImportRun.objects.select_related("file", "created_by").filter(
        company_id=company_id, id=run_id
    )
    run = (found.filter(kind=kind) if kind else found).first()
    if run is None:
        raise UnknownRun
    return run


def runs(*, company_id: int, kind: str = "", page: int | str = 1) -> Page[ImportRun]:
    """The history, latest first; drafts that nobody confirmed are left out."""
    found = (
        ImportRun.objects.filter(company_id=company_id)
        .exclude(state=ImportRun.State.DRAFT)
        .select_related("created_by__employee")
        .order_by("-created_at", "-id")
        .defer("undo", "problems")
    )
    if kind:
        found = found.filter(kind=kind)
    return Paginator(found, 30).get_page(page)


def problems_place(run: ImportRun) -> Path:
    """Where a list of problems lies that is too long for the run's row."""
    return Path(settings.MEDIA_ROOT) / str(run.company_id) / f"problems-{run.pk}.json.gz"


def problem_count(run: ImportRun) -> int:
    """How many problems the run has, listed in its row or not."""
    return int(run.options.get("problem_count", len(run.problems)))


def problems_of(run: ImportRun) -> list[Problem]:
    """All problems of the run; the first 2,000 when the file with the rest is gone."""
    rows = run.problems
    if problem_count(run) > len(rows):
        try:
            rows = json.loads(gzip.decompress(problems_place(run).read_bytes()))
        except FileNotFoundError:
            rows = run.problems
    return [Problem(**row) for row in rows]


def content_of(file: StoredFile) -> bytes:
    """The bytes as they were handed in. Raises FileGone."""
    try:
        return (Path(settings.MEDIA_ROOT) / file.path).read_bytes()
    except FileNotFoundError:
        raise FileGone from None
