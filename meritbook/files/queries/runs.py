"""Import runs and the files that belong to them."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun, StoredFile
from meritbook.kit.errors import Refusal


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


def content_of(file: StoredFile) -> bytes:
    """The bytes as they were handed in. Raises FileGone."""
    try:
        return (Path(settings.MEDIA_ROOT) / file.path).read_bytes()
    except FileNotFoundError:
        raise FileGone from None
