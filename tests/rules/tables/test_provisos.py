"""What a standard says beside its price: how often, shared by whom, for whom, from where on."""

from __future__ import annotations

import pytest

from meritbook.rules.tables import read_text
from tests.rules.tables.saying import drafts_said

# (text, every draft, kinds of findings)
WORDINGS = [
    ("每提高1个百分点加2分", ["S3 points=2 unit=百分点 ?baseline"], ["no_cap"]),
    ("回访客户每次2分,每位客户每周只算一次", ["S1 points=2 unit=次 ?once"], []),
    ("协作项目完成加30分,积分按人头平均", ["S1 points=30 unit=次 ?sharing"], []),
    ("团队完成项目奖励500分,由参与人员平分", ["S1 points=500 unit=次 ?sharing"], []),
    ("后勤人员双倍", ["后勤人员 → S10 multiplier=2 ?multiplier ?population"], []),
    ("后勤人员加班双倍积分", ["后勤人员加班 → S10 multiplier=2 ?multiplier ?population"], []),
    (
        "新员工入职前3个月积分双倍",
        ["新员工入职前3个月 → S10 multiplier=2 ?multiplier ?population"],
        [],
    ),
    ("连续三个月达标加50分", ["S1 points=50 unit=次 ?streak"], []),
    ("连续3个月全勤奖励100分", ["S1 points=100 unit=次 ?streak"], []),
    ("客户满意度每提高1%加5分", ["S3 points=5 unit=% ?baseline"], ["no_cap"]),
    (
        "准确率每提升一个百分点加5分,最高50分",
        ["S3 points=5 unit=百分点 cap=50 ?baseline"],
        ["cap_without_period"],
    ),
    ("每完成一单5分,每月最高50分", ["S3 points=5 unit=单 cap=50 cap_per=month"], []),
    ("每完成一单5分,封顶200", ["S3 points=5 unit=单 cap=200"], ["cap_without_period"]),
    ("每完成一单5分,封顶200分", ["S3 points=5 unit=单 cap=200"], ["cap_without_period"]),
    (
        "每人每天最多3次,每次2分",
        ["每人每天最多3次,每次 → S1 points=2 unit=次 cap=6 cap_per=day"],
        ["times_as_cap"],
    ),
    ("发朋友圈每条1分,每天最多3条", ["S3 points=1 unit=条 cap=3 cap_per=day"], ["times_as_cap"]),
    ("点赞每次1分,间隔7天才能再得", ["S1 points=1 unit=次 ?cooldown"], []),
    ("分享文章1分/次,每天限5次", ["S1 points=1 unit=次 cap=5 cap_per=day"], ["times_as_cap"]),
    (
        "销售部迟到扣10分,其他部门扣5分",
        [
            "销售部迟到扣10分 → S1 points=-10 unit=次 ?population",
            "其他部门扣5分 → S1 points=-5 unit=次 ?population",
        ],
        [],
    ),
    ("仅销售部:签单10分", ["仅销售部:签单 → S1 points=10 unit=次 ?population"], []),
    ("客服人员每接待一位客户得2分", ["S3 points=2 unit=位 ?population"], ["no_cap"]),
    ("生产车间员工每产出100件加5分", ["S3 points=5 unit=件 divisor=100 ?population"], ["no_cap"]),
    ("班组长每人每月加20分", ["S2 points=20 period=month ?population"], []),
    ("每个小组平分500分", ["每个小组平分 → S1 points=500 unit=次 ?sharing"], []),
    ("团队冠军奖励1000分,组长40%,组员60%", ["S1 points=1000 unit=次 ?sharing ?sharing"], []),
    ("工龄每满1年加10分/月", ["S2 points=10 period=month ?years"], []),
    (
        "迟到1分钟扣1分,超过30分钟扣10分",
        [
            "迟到1分钟扣1分 → S3 points=-1 unit=分钟 ?unit",
            "超过30分钟扣10分 → S8 points=-10 unit=次 limit_minutes=30",
        ],
        ["tiers_unclear"],
    ),
    (
        "销售额100万以内每万1分,超过100万部分每万2分",
        [
            "销售额100万以内每万 → S3 points=1 unit=元 divisor=10000 ?beyond",
            "超过100万部分每万 → S3 points=2 unit=元 divisor=10000 ?unit ?beyond",
        ],
        ["no_cap"],
    ),
    (
        "每月完成20单得100分,少一单扣5分",
        [
            "每月完成20单得100分 → S5 points=100 unit=单 period=month target=20 ?proportional",
            "少一单扣5分 → S3 points=-5 unit=单 ?baseline",
        ],
        [],
    ),
    (
        "每月完成20单得100分,每超一单加5分",
        [
            "每月完成20单得100分 → S5 points=100 unit=单 period=month target=20 ?proportional",
            "每超一单加5分 → S3 points=5 unit=单 ?baseline",
        ],
        ["no_cap"],
    ),
    (
        "完成率低于80%不得分,80%-100%按比例得分,满分100分",
        ["S4 points=100 unit=% period=month target=100 proportional=True ?period ?floor"],
        [],
    ),
    ("每月20单以上,每单加5分", ["S3 points=5 unit=单 ?beyond"], ["no_cap"]),
    ("超过20单的部分每单加5分", ["S3 points=5 unit=单 ?beyond"], ["no_cap"]),
    ("前三名各奖100分", ["S1 points=100 unit=次 ?rank"], []),
    (
        "合理化建议被采纳加20分,产生效益按效益的1%加分",
        ["S1 points=20 unit=次 needs=采纳 ?points"],
        [],
    ),
    (
        "未按规定着装扣2分/次,屡教不改加倍",
        [
            "未按规定着装扣2分/次 → S1 points=-2 unit=次",
            "屡教不改 → S10 multiplier=2 ?multiplier ?streak",
        ],
        [],
    ),
    (
        "首次迟到扣5分,第二次扣10分,第三次扣20分",
        [
            "首次迟到扣5分 → S1 points=-5 unit=次 ?streak",
            "第二次扣10分 → S1 points=-10 unit=次 ?streak",
            "第三次扣20分 → S1 points=-20 unit=次 ?streak",
        ],
        [],
    ),
    (
        "迟到第1次扣5分,第2次起每次扣10分",
        [
            "迟到第1次扣5分 → S1 points=-5 unit=次 ?streak",
            "第2次起每次扣10分 → S1 points=-10 unit=次 ?streak",
        ],
        [],
    ),
    (
        "每月回款率达95%得50分,每降1个百分点扣5分",
        [
            "每月回款率达95%得50分 → S5 points=50 unit=% period=month target=95",
            "每降1个百分点扣5分 → S3 points=-5 unit=百分点 ?baseline",
        ],
        [],
    ),
    ("每逾期一天扣2分,最多扣20分", ["S7 points=-2 unit=天 cap=20"], ["cap_without_period"]),
    ("党员每月加10分", ["S2 points=10 period=month ?population"], []),
    ("累计三次迟到扣30分", ["S1 points=-30 unit=次 ?streak"], []),
    ("当月累计迟到3次以上扣50分", ["S1 points=-50 unit=次 ?streak"], []),
    ("一年内累计3次警告扣200分", ["S1 points=-200 unit=次 ?streak"], []),
    ("请假1天扣2分", ["S3 points=-2 unit=天 ?unit"], []),
    ("创新项目按总分500分×权重", ["S1 points=500 unit=次 ?points"], []),
    ("每少一个扣3分", ["S3 points=-3 unit=个 ?baseline"], []),
    ("管理人员每月加20分", ["S2 points=20 period=month ?population"], []),
    ("外勤人员拜访客户3分/次", ["外勤人员拜访客户 → S1 points=3 unit=次 ?population"], []),
    ("销售:签单10分/单", ["销售:签单 → S3 points=10 unit=单 ?population"], ["no_cap"]),
    ("每月回款额超过50万部分每万加2分", ["S3 points=2 unit=元 divisor=10000 ?beyond"], ["no_cap"]),
    (
        "客戶投訴每次扣５０分,每月最多扣200分",
        ["S1 points=-50 unit=次 cap=200 cap_per=month"],
        ["cap_not_applied"],
    ),
    ("滿意度每提高一個百分點加兩分", ["S3 points=2 unit=百分点 ?baseline"], ["no_cap"]),
    ("3000元以上每1000元加1分", ["S3 points=1 unit=元 divisor=1000 ?beyond"], ["no_cap"]),
    ("项目奖金池1000分,按贡献分配", ["S1 points=1000 unit=次 ?sharing"], []),
    ("每天前10名打卡加1分", ["S2 points=1 period=day ?rank"], []),
    ("每提前1天加5分,最多加20分", ["S3 points=5 unit=天 cap=20"], ["cap_without_period"]),
    ("销售额(万元)×2分", ["销售额(万元)× → S1 points=2 unit=次 ?points"], []),
    ("店长双倍积分", ["店长 → S10 multiplier=2 ?multiplier ?population"], []),
    ("技术部全体员工每月加10分", ["S2 points=10 period=month ?population"], []),
    ("每月仅计最高一次10分", ["每月仅计最高一次 → S2 points=10 period=month ?once"], []),
]


@pytest.mark.parametrize(
    ("text", "drafts", "kinds"), [pytest.param(*each, id=each[0]) for each in WORDINGS]
)
def test_what_stands_beside_the_price_is_asked(
    text: str, drafts: list[str], kinds: list[str]
) -> None:
    assert drafts_said(text) == (drafts, kinds)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=text)
        for text in (
            "每位客户每周只算一次",
            "24小时内不重复计分",
            "每月最高50分",
            "每人限一次",
            "未完成目标不得分",
            "节约成本按节约金额的1%计分",
            "月销售额30万以上",
        )
    ],
)
def test_a_line_without_a_price_of_its_own_is_a_problem_that_names_it(text: str) -> None:
    reading = read_text(f"迟到扣5分\n{text}")
    assert [draft.standard for draft in reading.drafts] == ["迟到扣5分"]
    (problem,) = reading.problems
    assert (problem.row, problem.reason) == (2, f"“{text}”没有写积分")
    assert problem.remedy


def test_every_question_names_its_text_and_proposes_something() -> None:
    for text, _drafts, _kinds in WORDINGS:
        for draft in read_text(text).drafts:
            for question in draft.questions:
                assert "“" in question.text
                assert question.proposal
