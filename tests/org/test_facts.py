"""Dated facts: one value of a kind on a day."""

from datetime import date

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Fact
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.facts import end_fact, set_fact
from tests.people import NOW, Cast

MARCH, JUNE, SEPTEMBER = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


def test_a_new_value_ends_the_old_one(home: Cast) -> None:
    company_id, li = home.company.pk, home.people["0001"]

    def degree(value: str, day: date) -> None:
        set_fact(
            company_id=company_id,
            employee=li,
            kind="学历",
            value=value,
            valid_from=day,
            now=NOW,
            actor=SYSTEM,
        )

    def stored() -> list[tuple[str, date, date | None]]:
        rows = Fact.objects.filter(company_id=company_id, employee=li).order_by("valid_from")
        return list(rows.values_list("value", "valid_from", "valid_to"))

    with company_scope(company_id):
        degree("大专", MARCH)
        degree("本科", JUNE)
        assert stored() == [("大专", MARCH, JUNE), ("本科", JUNE, None)]
        degree("硕士", JUNE)
        assert stored() == [("大专", MARCH, JUNE), ("硕士", JUNE, None)]
        end_fact(
            company_id=company_id,
            employee=li,
            kind="学历",
            valid_to=SEPTEMBER,
            now=NOW,
            actor=SYSTEM,
        )
        assert stored() == [("大专", MARCH, JUNE), ("硕士", JUNE, SEPTEMBER)]
