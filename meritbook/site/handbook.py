"""员工手册: how points are earned, what each account is for, what to do about a wrong entry.

Made from what counts today, so it never says something else than the rules do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from meritbook.kit.pdf import PdfColumn, PdfReport, PdfSection, write_report
from meritbook.ledger.assets import asset_policy
from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.policy_words import expiry_sentence
from meritbook.ledger.visibility import may_see_balance
from meritbook.org.models import Company, Employee, RoleGrant
from meritbook.rules.listings import Reader, reader_on
from meritbook.rules.models import Opinion, Revision, Scheme
from meritbook.rules.queries.schemes import schemes
from meritbook.rules.queries.texts import RuleText, rule_texts, scheme_head

PEOPLE_SHOWN = 5
ANSWERS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rules of one scheme that count today."""

    scheme: Scheme
    head: tuple[str, ...]
    awards: tuple[RuleText, ...]
    deductions: tuple[RuleText, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One kind of points: what it is for, and how long it lasts."""

    name: str
    purpose: str
    lasting: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Handbook:
    """The whole book on a day."""

    company: Company
    day: date
    chapters: tuple[Chapter, ...]
    accounts: tuple[Account, ...]
    answers: tuple[Answer, ...]


def handbook(*, company: Company, day: date, employee: Employee | None = None) -> Handbook:
    """The handbook of a company; with ``employee`` only the rules that concern them."""
    reader = None
    if employee is not None:
        reader = reader_on(company_id=company.pk, employee_id=employee.pk, day=day)
    found = [_chapter(each, day=day, reader=reader) for each in schemes(company_id=company.pk)]
    return Handbook(
        company=company,
        day=day,
        chapters=tuple(each for each in found if each.awards or each.deductions),
        accounts=tuple(_accounts(company.pk)),
        answers=(*_usual_answers(company.pk), *_given_answers(company.pk)),
    )


def searched(book: Handbook, text: str) -> Handbook:
    """What of the book has all the words of ``text``."""
    words = text.lower().split()
    if not words:
        return book

    def has(*parts: str) -> bool:
        whole = " ".join(parts).lower()
        return all(word in whole for word in words)

    def rules(own: Iterable[RuleText]) -> tuple[RuleText, ...]:
        return tuple(
            each
            for each in own
            if has(each.sentence, each.code, each.people, each.version.indicator)
        )

    chapters = tuple(
        replace(each, awards=rules(each.awards), deductions=rules(each.deductions))
        for each in book.chapters
    )
    return replace(
        book,
        chapters=tuple(each for each in chapters if each.awards or each.deductions),
        accounts=tuple(each for each in book.accounts if has(each.name, each.purpose)),
        answers=tuple(each for each in book.answers if has(each.question, each.answer)),
    )


def _chapter(scheme: Scheme, *, day: date, reader: Reader | None) -> Chapter:
    rules = rule_texts(company_id=scheme.company_id, scheme_ids=[scheme.pk], day=day)
    if reader is not None:
        rules = [each for each in rules if reader.is_concerned(each.version.population)]
    return Chapter(
        scheme=scheme,
        head=tuple(scheme_head(scheme)[1:]),
        awards=tuple(each for each in rules if not each.is_deduction),
        deductions=tuple(each for each in rules if each.is_deduction),
    )


def _accounts(company_id: int) -> Iterable[Account]:
    for code, named in named_assets(company_id=company_id).items():
        if may_see_balance(named.visible_to, is_self=True, is_officer=False):
            policy = asset_policy(company_id=company_id, code=code)
            yield Account(named.name, _purpose(named), expiry_sentence(policy))


def _purpose(named: Named) -> str:
    usual = {
        "honour": _("记录你做过的一切，用来排名和评先进。只增减、不花掉。"),
        "spendable": _("得多少分就有多少可以用，用来兑换。扣分不动它。"),
        "coin": _("由公司另行发放或兑换而来，按公司公布的比例使用。"),
        "stock": _("公司给的虚拟股，按公司的方案授予和收回。"),
        "option": _("公司给的期权，按公司的方案归属和行使。"),
        "annuity": _("公司为你存的年金，按公司的方案领取。"),
        "quota": _("主管奖励别人用的额度，不是自己的积分。"),
    }
    words = usual.get(named.code) or _("公司自己设的一种积分。")
    if named.is_convertible:
        words += _("可以按公布的比例兑换。")
    return words


def _usual_answers(company_id: int) -> Iterable[Answer]:
    officers = list(
        RoleGrant.objects.filter(
            company_id=company_id,
            role=RoleGrant.Role.OFFICER,
            membership__ended_at__isnull=True,
        )
        .order_by("membership__name")
        .values_list("membership__name", flat=True)[:PEOPLE_SHOWN]
    )
    who = _("、").join(officers) or _("公司负责人")
    yield Answer(
        _("我做了事，怎么记分？"),
        _(
            "考勤、报表、订单等系统里的记录会自动记分；其余的由主管或积分专员“记一笔”。"
            "做完以后请把凭据交给他们，当天就能在钱包里看到。"
        ),
    )
    yield Answer(
        _("怎么知道这一笔为什么是这么多分？"),
        _(
            "在“我的钱包”点任意一笔的“为什么”：依据哪条标准、哪一版、数字怎么算，都写着，可以自己验算。"
        ),
    )
    yield Answer(
        _("有一笔记错了，或者漏了，怎么办？"),
        _("先看“为什么”；确实不对，带上凭据找%(who)s。核实后原来那笔撤回，重新记，两笔都留着记录。")
        % {"who": who},
    )
    yield Answer(
        _("扣分会扣到我的工资或可用分吗？"),
        _("不会。扣分只动荣誉分，不罚款，不扣工资，也不动已经得到的可用分。"),
    )
    yield Answer(
        _("标准改了，以前得的分会变吗？"),
        _("不会。每一版都有生效日期，只管那天以后的事；要重算，必须公开说明并记下差额。"),
    )
    yield Answer(
        _("我对标准有意见，向谁说？"),
        _("征求意见时在工作台直接写，每条都有答复；平时可以找%(who)s。") % {"who": who},
    )


def _given_answers(company_id: int) -> Iterable[Answer]:
    """What people asked about changes that are announced, with what was answered."""
    found = Opinion.objects.filter(
        company_id=company_id,
        revision__company_id=company_id,
        revision__state=Revision.State.ANNOUNCED,
        answered_at__isnull=False,
    ).order_by("-answered_at", "-pk")
    for each in found[:ANSWERS_SHOWN]:
        yield Answer(each.text, each.answer)


def handbook_pdf(book: Handbook) -> bytes:
    """The book to print."""
    columns = (
        PdfColumn(_("做什么"), 60),
        PdfColumn(_("适用"), 22),
        PdfColumn(_("编号"), 18),
    )

    def table(title: str, rules: tuple[RuleText, ...]) -> PdfSection:
        rows = [(each.sentence, each.people, each.code) for each in rules]
        return PdfSection(title, columns=columns, rows=rows, level=2)

    sections = []
    for number, chapter in enumerate(book.chapters, start=1):
        sections.append(PdfSection(f"{number}. {chapter.scheme.name}", chapter.head))
        if chapter.awards:
            sections.append(table(_("怎么得分"), chapter.awards))
        if chapter.deductions:
            sections.append(table(_("怎么扣分"), chapter.deductions))
    number = len(book.chapters) + 1
    sections.append(
        PdfSection(
            f"{number}. " + _("各种积分是做什么用的"),
            columns=(
                PdfColumn(_("积分类型"), 18),
                PdfColumn(_("用途"), 50),
                PdfColumn(_("有效期"), 32),
            ),
            rows=[(each.name, each.purpose, each.lasting) for each in book.accounts],
        )
    )
    sections.append(PdfSection(f"{number + 1}. " + _("问与答")))
    sections += [PdfSection(each.question, (each.answer,), level=2) for each in book.answers]
    return write_report(
        PdfReport(
            title=_("员工积分手册"),
            subtitle=book.company.name,
            facts=((_("适用日期"), book.day.isoformat()),),
            sections=sections,
            footer=f"{book.company.name} · {_('员工积分手册')} · {book.day.isoformat()}",
        )
    )
