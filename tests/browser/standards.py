"""Standards for the stories in the browser."""

from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.rules.operations import publish, save_rule
from tests.people import Cast


def published(cast: Cast, *, points: str) -> str:
    """The code of 签合同, which is worth so many points from yesterday on."""
    with company_scope(cast.company.pk):
        version = save_rule(
            company_id=cast.company.pk,
            values={"shape": "S1", "standard": "签合同", "points": points},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=clock.now(),
        )
        publish(
            company_id=cast.company.pk,
            version_ids=[version.pk],
            active_from=clock.yesterday(time_zone="Asia/Shanghai"),
            actor_id=None,
            now=clock.now(),
        )
    return version.rule.code
