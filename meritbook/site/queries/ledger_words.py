"""The ledger's nouns in words: kinds, accounts, sources, people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from meritbook.awards.listings import source_name
from meritbook.ledger.browsing import Side, Tx
from meritbook.ledger.names import asset_names
from meritbook.org.models import Employee, Membership

SYSTEM_ACCOUNTS = {
    "issuance": gettext_lazy("发放账户"),
    "redeemed": gettext_lazy("使用账户"),
    "expired": gettext_lazy("到期账户"),
    "adjustment": gettext_lazy("扣减账户"),
    "exchange": gettext_lazy("兑换账户"),
}

_PARTY_ACCOUNTS = {
    "wallet": gettext_lazy("%(who)s的%(asset)s"),
    "pending": gettext_lazy("%(who)s公示中的%(asset)s"),
    "team": gettext_lazy("%(who)s的团队%(asset)s"),
    "quota": gettext_lazy("%(who)s的%(asset)s额度"),
    "pool": gettext_lazy("%(who)s奖池的%(asset)s"),
}

ACCOUNT_KINDS = {
    **SYSTEM_ACCOUNTS,
    "wallet": gettext_lazy("个人钱包"),
    "pending": gettext_lazy("公示中"),
    "team": gettext_lazy("团队账户"),
    "quota": gettext_lazy("管理者额度"),
    "pool": gettext_lazy("奖池"),
}

SOURCES = {
    "event": pgettext_lazy("one", "事件"),
    "window": gettext_lazy("周期结算"),
    "manual": gettext_lazy("手工"),
    "opening": gettext_lazy("期初余额"),
    "expiry": gettext_lazy("到期"),
    "quota": gettext_lazy("额度"),
    "rate": gettext_lazy("兑换"),
    "cap": gettext_lazy("上限"),
    "order": gettext_lazy("兑换订单"),
}


def source_kind_name(source: str) -> str:
    """Where a posting came from; a source of a program's own names itself."""
    return str(SOURCES.get(source) or source_name(source))


def account_kind_name(kind: str) -> str:
    """What kind of account it is."""
    return str(ACCOUNT_KINDS.get(kind, kind))


@dataclass(frozen=True, slots=True)
class Person:
    """Whose account it is."""

    party_id: int
    employee_id: int
    employee_no: str
    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """Names for what stands in the ledger as numbers."""

    people: Mapping[int, Person]
    assets: Mapping[str, str]
    actors: Mapping[int, str]

    def who(self, party_id: int) -> str:
        """A party's name; one that is no employee is its number."""
        person = self.people.get(party_id)
        return person.name if person else _("账户主体 %(number)s") % {"number": party_id}

    def asset(self, code: str) -> str:
        return self.assets.get(code, code)

    def account(self, side: Side, asset: str) -> str:
        """One side of a transfer: 发放账户, 李雷的可用分."""
        if side.party_id is None:
            return account_kind_name(side.kind)
        form = str(_PARTY_ACCOUNTS.get(side.kind, _PARTY_ACCOUNTS["wallet"]))
        return form % {"who": self.who(side.party_id), "asset": self.asset(asset)}

    def actor(self, actor_id: int | None) -> str:
        """Who did it; nobody in person is the system."""
        return _("系统") if actor_id is None else self.actors.get(actor_id, _("系统"))


def people_of(*, company_id: int, party_ids: Iterable[int] | None = None) -> dict[int, Person]:
    """Employees by party; all of the company without ``party_ids``."""
    found = Employee.objects.filter(company_id=company_id)
    if party_ids is not None:
        found = found.filter(party_id__in=list(party_ids))
    rows = found.order_by("employee_no").values_list("party_id", "id", "employee_no", "name")
    return {row[0]: Person(*row) for row in rows}


def words_for(*, company_id: int, transactions: Iterable[Tx]) -> Words:
    """Names for all that these transactions mention; three queries."""
    listed = list(transactions)
    actor_ids = {one.actor_id for one in listed if one.actor_id is not None}
    return Words(
        people=people_of(
            company_id=company_id,
            party_ids={party_id for one in listed for party_id in one.party_ids},
        ),
        assets=asset_names(company_id=company_id),
        actors=actor_names(company_id=company_id, actor_ids=actor_ids),
    )


def actor_names(*, company_id: int, actor_ids: Iterable[int]) -> dict[int, str]:
    """Names of members by the id of their membership."""
    wanted = list(actor_ids)
    if not wanted:
        return {}
    rows = Membership.objects.filter(company_id=company_id, pk__in=wanted).select_related(
        "employee"
    )
    return {row.pk: row.employee.name if row.employee else row.name for row in rows}
