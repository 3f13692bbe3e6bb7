"""制度存证: what proves how a scheme came about and who has read it, on paper.

Nothing here is written anew: texts, votes, opinions and signatures are printed as they were kept, with
the hashes that were kept with them, and each hash is computed again from what is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meritbook.approvals.models import Case, Decision, Step
from meritbook.kit.pdf import PdfColumn, PdfReport, PdfSection, write_report
from meritbook.org.models import AuditEntry, Company, Employee
from meritbook.rules.models import Edition, Minutes, Opinion, Review, Revision, Scheme, Signature
from meritbook.rules.queries.revisions import signed
from meritbook.rules.queries.texts import digest, scheme_head

Clock = Callable[[datetime | None], str]


def scheme_evidence(*, company: Company, scheme: Scheme, now: datetime) -> bytes:
    """Everything about one scheme: goal, reviews, revisions with votes, editions with signatures."""
    at = _clock(company)
    sections = [PdfSection(_("方案"), scheme_head(scheme))]
    reviews = list(
        Review.objects.filter(company_id=company.pk, scheme=scheme).order_by("reviewed_at", "pk")
    )
    if reviews:
        sections.append(
            PdfSection(
                _("复盘"),
                columns=(
                    PdfColumn(_("时间"), 18),
                    PdfColumn(_("谁"), 14),
                    PdfColumn(_("结论"), 68),
                ),
                rows=[
                    (at(each.reviewed_at), each.reviewed_name, each.findings) for each in reviews
                ],
            )
        )
    for revision in Revision.objects.filter(company_id=company.pk, scheme=scheme).order_by(
        "number"
    ):
        sections += _revision(revision, at=at)
    for edition in Edition.objects.filter(company_id=company.pk, scheme=scheme).order_by("number"):
        sections += _edition(edition, at=at)
    return _report(
        company,
        title=_("制度存证：%(name)s") % {"name": scheme.name},
        sections=sections,
        now=now,
    )


def employee_evidence(*, company: Company, employee: Employee, now: datetime) -> bytes:
    """What one employee has read and signed: each text whole, with the time and the hash."""
    at = _clock(company)
    found = list(
        Signature.objects.filter(company_id=company.pk, employee=employee)
        .select_related("edition__scheme")
        .order_by("signed_at", "pk")
    )
    sections = [
        PdfSection(
            _("签收记录"),
            () if found else (_("还没有签收过制度文本。"),),
            columns=(
                PdfColumn(_("制度文本"), 40),
                PdfColumn(_("签收时间"), 22),
                PdfColumn("SHA-256", 38),
            )
            if found
            else (),
            rows=[(_edition_name(each.edition), at(each.signed_at), each.sha256) for each in found],
        )
    ]
    sections += [
        PdfSection(_edition_name(each.edition), (each.edition.text, _checked(each.edition)))
        for each in found
    ]
    said = list(
        Opinion.objects.filter(company_id=company.pk, author__employee=employee)
        .select_related("revision")
        .order_by("said_at", "pk")
    )
    if said:
        sections.append(
            PdfSection(_("提过的意见"), columns=_opinion_columns(), rows=_opinions(said, at=at))
        )
    return _report(
        company,
        title=_("制度存证：%(name)s（工号 %(no)s）")
        % {"name": employee.name, "no": employee.employee_no},
        sections=sections,
        now=now,
    )


def _clock(company: Company) -> Clock:
    zone = ZoneInfo(company.time_zone)

    def at(moment: datetime | None) -> str:
        return "–" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    return at


def _report(company: Company, *, title: str, sections: list[PdfSection], now: datetime) -> bytes:
    at = _clock(company)
    last = AuditEntry.objects.filter(company_id=company.pk).order_by("-pk").first()
    facts = (
        (_("公司"), company.name),
        (_("出具时间"), at(now)),
        (_("审计记录"), _("到第 %(n)s 条") % {"n": last.pk if last else 0}),
    )
    explained = PdfSection(
        _("怎么核对"),
        (
            _(
                "每份文本下面的 SHA-256 由文本本身算出：把原文存成 UTF-8 的文本文件，用任何工具再算一次，"
                "结果应当相同。文本、意见、表决和签收记录写下后不能修改，数据库拒绝任何改动。"
            ),
        ),
    )
    return write_report(
        PdfReport(
            title=title,
            sections=[*sections, explained],
            facts=facts,
            footer=f"{company.name} · {at(now)}",
        )
    )


def _revision(revision: Revision, *, at: Clock) -> Iterable[PdfSection]:
    lines = [
        _("状态：%(state)s；发起：%(name)s，%(at)s")
        % {
            "state": revision.get_state_display(),
            "name": revision.created_name,
            "at": at(revision.created_at),
        },
        _("生效日期：%(day)s") % {"day": revision.effective_on},
    ]
    if revision.consult_until:
        lines.append(_("征求意见到 %(day)s") % {"day": revision.consult_until})
    yield PdfSection(
        _("修订 %(n)s：%(title)s") % {"n": revision.number, "title": revision.title}, lines
    )
    if revision.text:
        own = digest(revision.text)
        yield PdfSection(
            _("提交的文本"),
            (revision.text, f"SHA-256 {revision.sha256}", _same(own == revision.sha256)),
            level=2,
        )
    opinions = list(
        Opinion.objects.filter(company_id=revision.company_id, revision=revision)
        .select_related("revision")
        .order_by("said_at", "pk")
    )
    if opinions:
        yield PdfSection(
            _("意见和答复"), columns=_opinion_columns(), rows=_opinions(opinions, at=at), level=2
        )
    papers = list(
        Minutes.objects.filter(company_id=revision.company_id, revision=revision)
        .select_related("file")
        .order_by("added_at", "pk")
    )
    if papers:
        yield PdfSection(
            _("会议记录"),
            columns=(
                PdfColumn(_("标题"), 26),
                PdfColumn(_("文件"), 24),
                PdfColumn(_("上传"), 20),
                PdfColumn("SHA-256", 30),
            ),
            rows=[
                (
                    each.title,
                    each.file.name,
                    f"{each.added_name} {at(each.added_at)}",
                    each.file.sha256,
                )
                for each in papers
            ],
            level=2,
        )
    if revision.case_id:
        yield _votes(revision, at=at)


def _votes(revision: Revision, *, at: Clock) -> PdfSection:
    case = Case.objects.get(company_id=revision.company_id, pk=revision.case_id or 0)
    steps = {
        each.pk: each.position
        for each in Step.objects.filter(company_id=revision.company_id, case=case)
    }
    said = Decision.objects.filter(company_id=revision.company_id, case=case)
    return PdfSection(
        _("审批：%(state)s") % {"state": case.get_state_display()},
        columns=(
            PdfColumn(_("步骤"), 8),
            PdfColumn(_("谁"), 22),
            PdfColumn(_("表决"), 10),
            PdfColumn(_("时间"), 20),
            PdfColumn(_("意见"), 40),
        ),
        rows=[
            (
                str(steps[each.step_id]),
                each.decided_name,
                _("同意") if each.approves else _("反对"),
                at(each.decided_at),
                each.comment,
            )
            for each in said.order_by("decided_at", "pk")
        ],
        level=2,
    )


def _edition(edition: Edition, *, at: Clock) -> Iterable[PdfSection]:
    yield PdfSection(_edition_name(edition), (edition.text, _checked(edition)))
    people = signed(edition)
    yield PdfSection(
        _("签收：%(n)s 人已签，%(m)s 人未签")
        % {"n": len(people.signatures), "m": len(people.missing)},
        columns=(
            PdfColumn(_("工号"), 14),
            PdfColumn(_("姓名"), 18),
            PdfColumn(_("签收时间"), 24),
            PdfColumn("SHA-256", 44),
        ),
        rows=[
            (each.employee.employee_no, each.name, at(each.signed_at), each.sha256)
            for each in people.signatures
        ],
        level=2,
    )


def _edition_name(edition: Edition) -> str:
    return _("“%(name)s”第 %(n)s 版文本，%(day)s 起") % {
        "name": edition.scheme.name,
        "n": edition.number,
        "day": edition.valid_on,
    }


def _checked(edition: Edition) -> str:
    return f"SHA-256 {edition.sha256}\n{_same(digest(edition.text) == edition.sha256)}"


def _same(is_same: bool) -> str:
    return _("重新计算：一致") if is_same else _("重新计算：不一致！")


def _opinion_columns() -> tuple[PdfColumn, ...]:
    return (
        PdfColumn(_("时间"), 16),
        PdfColumn(_("谁"), 12),
        PdfColumn(_("意见"), 36),
        PdfColumn(_("答复"), 36),
    )


def _opinions(found: Iterable[Opinion], *, at: Clock) -> list[tuple[str, ...]]:
    return [
        (
            at(each.said_at),
            each.author_name,
            each.text,
            f"{each.answer}（{each.answered_name} {at(each.answered_at)}）" if each.answer else "–",
        )
        for each in found
    ]
