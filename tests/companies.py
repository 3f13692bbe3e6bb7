"""Two companies, so that every test can hold data that could leak.

李雷 (2102) earns, 韩梅梅 (4001) reviews, 王建国 (1001) owns; 陌生人 (2102 too) is in the other one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from meritbook.org.models import Company
from meritbook.site.companies import found_company

FOUNDED_AT = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
PEOPLE = """工号,姓名,部门,岗位,职级,入职日期,手机号,直属上级工号,状态
1001,王建国,总经办,总经理,M5,2014-03-01,19900001001,,在职
2001,黄海涛,销售部,销售总监,M3,2015-10-08,19900002001,1001,在职
2102,李雷,销售部/华南组,销售代表,P2,2021-04-26,19900002102,2001,在职
2103,何思思,销售部/华南组,销售代表,P1,2022-05-16,19900002103,2001,在职
2201,田甜,销售部/华东组,销售代表,P1,2022-05-16,19900002201,2001,在职
4001,韩梅梅,客服部,客服主管,M1,2019-07-16,19900004001,1001,在职
4002,郭倩,客服部,客服专员,P1,2024-08-13,19900004002,4001,在职
"""
STRANGERS = """工号,姓名,部门,岗位,职级,入职日期,手机号,直属上级工号,状态
2102,陌生人,机密部,机密岗位,P9,2020-01-06,18800002102,,在职
"""


@dataclass(frozen=True, slots=True)
class Companies:
    """Ours, and one whose rows nobody of ours may ever see."""

    ours: Company
    theirs: Company


def found_two() -> Companies:
    """Both companies, without people."""
    return Companies(
        ours=found_company(code="huasheng", name="华晟贸易", now=FOUNDED_AT),
        theirs=found_company(code="stranger", name="金丝雀机密公司", now=FOUNDED_AT),
    )
