"""Long rule tables: read and published by jobs, shown page by page."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection

from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.rules import table_runs
from meritbook.rules.models import RuleVersion
from tests.people import NOW, Cast


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def long_table(lines: int) -> str:
    return "\n".join(
        f"第{n}道工序按要求完成并且自检合格，每天加{n % 9 + 1}分" for n in range(lines)
    )


def jobs(name: str) -> list[tuple[int, int]]:
    """(company, run) of the jobs that wait under the name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>'company_id')::bigint, (args->>'run_id')::bigint"
            " FROM procrastinate_jobs WHERE task_name = %s",
            [name],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def test_a_long_table_is_read_shown_and_published_by_jobs(
    home: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_runs, "PUBLISHED_AT_ONCE", 100)
    monkeypatch.setattr("meritbook.rules.views.importing.PUBLISHED_AT_ONCE", 100)
    client = home.client("officer")

    sent = client.post("/rules/import/", {"text": long_table(700)})

    assert sent.status_code == 302
    ((company_id, run_id),) = jobs("rules.read_table")
    assert sent["Location"] == f"/rules/import/{run_id}/"
    assert "正在读标准表" in client.get(sent["Location"]).content.decode()
    assert "正在读标准表" in client.get(f"{sent['Location']}progress/").content.decode()

    table_runs.read_table(company_id=company_id, run_id=run_id, now=NOW)
    table_runs.read_table(company_id=company_id, run_id=run_id, now=NOW)

    assert client.get(f"{sent['Location']}progress/")["HX-Refresh"] == "true"
    first = client.get(sent["Location"])
    found = first.context["found"]
    assert (found.total, len(found.lines)) == (700, 100)
    assert found.drafts == 700
    last = client.get(f"{sent['Location']}?page=7").context["found"]
    assert last.lines[-1].line.version.rule.row == 700

    answer = client.post(
        sent["Location"], {"active_from": "2026-11-21", "accept_proposals": "on", "department": ""}
    )
    assert answer.status_code == 302
    assert "正在发布标准" in client.get(sent["Location"]).content.decode()
    ((company_id, run_id),) = jobs("rules.publish_table")
    table_runs.publish_table(company_id=company_id, run_id=run_id, now=NOW)

    with company_scope(home.company.pk):
        run = ImportRun.objects.get(company_id=home.company.pk, pk=run_id)
        assert run.state == ImportRun.State.DONE
        published = RuleVersion.objects.filter(
            company_id=home.company.pk, status=RuleVersion.Status.PUBLISHED
        )
        assert published.count() == 700
    assert "已发布 700" in client.get(sent["Location"]).content.decode()


def test_what_stands_against_publishing_is_told_and_the_table_waits_again(home: Cast) -> None:
    with company_scope(home.company.pk):
        Department.objects.filter(company_id=home.company.pk, name="仓库").update(name="工序")
    client = home.client("officer")
    text = "\n".join([long_table(700), *(f"视情节扣分{n}" for n in range(3))])
    client.post("/rules/import/", {"text": text})
    ((company_id, run_id),) = jobs("rules.read_table")
    table_runs.read_table(company_id=company_id, run_id=run_id, now=NOW)
    with company_scope(company_id):
        version = RuleVersion.objects.filter(company_id=company_id).last()
        assert version is not None
        version.questions = [{"field": "points", "text": "几分？", "proposal": "5"}]
        version.save(update_fields=["questions"])
    client.post(f"/rules/import/{run_id}/", {"active_from": "2026-11-21", "department": ""})
    table_runs.publish_table(company_id=company_id, run_id=run_id, now=NOW)

    page = client.get(f"/rules/import/{run_id}/")

    assert page.context["run"].state == ImportRun.State.DRAFT
    assert "没有发布" in page.content.decode()
    assert page.context["found"].open_questions >= 1
    assert "?page=" in page.context["found"].first_open_address


def test_a_long_file_that_cannot_be_read_says_so(home: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = home.client("officer")
    scan = SimpleUploadedFile("标准.pdf", b"%PDF-1.7\n" + b"\x00" * 60_000)

    sent = client.post("/rules/import/", {"file": scan})
    ((company_id, run_id),) = jobs("rules.read_table")
    table_runs.read_table(company_id=company_id, run_id=run_id, now=NOW)

    page = client.get(sent["Location"]).content.decode()
    assert "没有读出来" in page
    assert "PDF 或图片，读不出文字" in page
