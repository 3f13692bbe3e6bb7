"""More of what companies write, each with its whole meaning."""

from __future__ import annotations

import pytest

from tests.rules.tables.saying import drafts_said

# (text, every draft, kinds of findings)
WORDINGS = [
    ("每超一天扣2分", ["S7 points=-2 unit=天"], ["no_floor"]),
    (
        "高中20分;大专30分;本科40分",
        [
            "高中 → S1 points=20 unit=次",
            "大专 → S1 points=30 unit=次",
            "本科 → S1 points=40 unit=次",
        ],
        ["choice_list"],
    ),
    (
        "业绩38万得800分",
        ["S5 points=800 unit=元 period=month target=380000 ?period ?proportional"],
        ["target_without_period"],
    ),
    (
        "业绩达到一万二得50分",
        ["S5 points=50 unit=元 period=month target=12000 ?period"],
        ["target_without_period"],
    ),
    ("合格率每低于目标1个百分点扣3分", ["S3 points=-3 unit=百分点"], []),
    ("小组成员每人加5分", ["S1 points=5 unit=次"], []),
    (
        "组长得60分,组员各得20分",
        ["组长得60分 → S1 points=60 unit=次", "组员各得20分 → S1 points=20 unit=次"],
        [],
    ),
    (
        "提前完成加20分,按时完成加10分,延迟扣10分",
        [
            "提前完成加20分 → S1 points=20 unit=次",
            "按时完成加10分 → S1 points=10 unit=次",
            "延迟扣10分 → S1 points=-10 unit=次",
        ],
        [],
    ),
    (
        "一等奖100分,二等奖50分,三等奖20分",
        [
            "一等奖100分 → S1 points=100 unit=次",
            "二等奖50分 → S1 points=50 unit=次",
            "三等奖20分 → S1 points=20 unit=次",
        ],
        ["choice_list"],
    ),
    (
        "优秀30分、良好20分、合格10分",
        [
            "优秀 → S1 points=30 unit=次",
            "良好 → S1 points=20 unit=次",
            "合格 → S1 points=10 unit=次",
        ],
        ["choice_list"],
    ),
    (
        "A级30分,B级20分,C级10分",
        ["A级 → S1 points=30 unit=次", "B级 → S1 points=20 unit=次", "C级 → S1 points=10 unit=次"],
        ["choice_list"],
    ),
    ("工龄每满一年加10分", ["S3 points=10 unit=年 ?period"], ["no_cap"]),
    ("本科每月40分", ["本科每月 → S2 points=40 period=month"], []),
    (
        "职称:初级10分,中级20分,高级30分",
        [
            "职称:初级 → S1 points=10 unit=次",
            "职称:中级 → S1 points=20 unit=次",
            "职称:高级 → S1 points=30 unit=次",
        ],
        ["choice_list"],
    ),
    ("周五22点前交周总结加5分,每周一次", ["S2 points=5 period=week deadline=weekday/5/22:00"], []),
    ("周五22点前交周总结加5分", ["S2 points=5 period=week deadline=weekday/5/22:00"], []),
    ("视情节扣5-20分", ["S9 points_min=-20 points_max=-5 unit=次 needs=情节"], []),
    ("扣5~20分,视情节轻重", ["S9 points_min=-20 points_max=-5 unit=次 needs=情节"], []),
    ("扣5—20分", ["S9 points_min=-20 points_max=-5 unit=次"], []),
    ("扣5到20分", ["S9 points_min=-20 points_max=-5 unit=次"], []),
    ("扣5至20分/次", ["S9 points_min=-20 points_max=-5 unit=次"], []),
    ("奖励50分到100分", ["S9 points_min=50 points_max=100 unit=次"], []),
    ("加10-30分,由主管评定", ["S9 points_min=10 points_max=30 unit=次"], []),
    ("每迟到10分钟扣1分", ["S3 points=-1 unit=分钟 divisor=10"], []),
    (
        "迟到10分钟以内扣2分,10-30分钟扣5分,30分钟以上扣10分",
        [
            "迟到10分钟以内扣2分 → S1 points=-2 unit=次 ?shape",
            "10-30分钟扣5分 → S1 points=-5 unit=次",
            "30分钟以上扣10分 → S8 points=-10 unit=次 limit_minutes=30",
        ],
        ["tiers_unclear"],
    ),
    ("未达标扣20分", ["S1 points=-20 unit=次"], []),
    ("奖励50分至100分", ["S9 points_min=50 points_max=100 unit=次"], []),
    ("每人每月加20分", ["S2 points=20 period=month"], []),
    ("培训新员工每人5分", ["培训新员工每人 → S3 points=5 unit=人"], ["no_cap"]),
    (
        "满10单加50分",
        ["S5 points=50 unit=单 period=month target=10 ?period"],
        ["target_without_period"],
    ),
    ("每满3单加10分,不足3单不计", ["S3 points=10 unit=单 divisor=3"], ["no_cap"]),
    (
        "第一名100分,第二名80分,第三名60分",
        [
            "第一名 → S1 points=100 unit=次",
            "第二名 → S1 points=80 unit=次",
            "第三名 → S1 points=60 unit=次",
        ],
        [],
    ),
    ("销售冠军500分", ["销售冠军 → S1 points=500 unit=次"], []),
    ("每月评选优秀员工1名,奖励200分", ["S2 points=200 period=month checklist=评选优秀员工>=1"], []),
    ("处理客户投诉加5-10分/次", ["S9 points_min=5 points_max=10 unit=次"], []),
    ("每天9点后到岗扣5分", ["S1 points=-5 unit=次"], []),
    ("不迟到不早退每月加50分", ["S2 points=50 period=month"], []),
    ("无投诉每月加30分", ["S2 points=30 period=month"], []),
    ("零事故每季度加100分", ["S2 points=100 period=quarter"], []),
    ("全年无安全事故加500分", ["S2 points=500 period=year"], []),
    (
        "参加培训每次2分,讲课每次10分",
        ["参加培训每次 → S1 points=2 unit=次", "讲课每次 → S1 points=10 unit=次"],
        [],
    ),
    ("参加公司活动+5", ["参加公司活动 → S1 points=5 unit=次"], []),
    (
        "加班每小时2分,节假日双倍",
        ["加班每小时 → S3 points=2 unit=小时", "节假日 → S10 multiplier=2 ?multiplier"],
        ["no_cap"],
    ),
    ("夜班每班加3分", ["S1 points=3 unit=次"], []),
    ("拜访客户每天3家以上加5分", ["S5 points=5 unit=家 period=day target=3"], []),
    ("每周拜访客户不少于5家得10分", ["S5 points=10 unit=家 period=week target=5"], []),
    ("电话量每天50个得10分", ["S2 points=10 period=day checklist=电话量>=50"], []),
    ("电话50个/天且拜访1个/天得10分", ["S2 points=10 period=day checklist=电话>=50,拜访>=1"], []),
    (
        "电话 50 个/天 且 拜访 1 个/天 10分",
        ["电话 50 个/天 且 拜访 1 个/天 → S2 points=10 period=day checklist=电话>=50,拜访>=1"],
        [],
    ),
    ("日报、周报各5分", ["日报 → S2 points=5 period=day", "周报 → S2 points=5 period=week"], []),
    ("日报5分周报10分", ["日报5分周报 → S2 points=10 period=day"], ["several_prices"]),
    ("发票错误每张扣2分", ["S3 points=-2 unit=张"], []),
    ("库存差异每1000元扣5分", ["S3 points=-5 unit=元 divisor=1000"], []),
    ("未及时回复客户(30分钟内)扣5分/次", ["S1 points=-5 unit=次 ?shape"], []),
    ("客户好评每条5分", ["客户好评每条 → S3 points=5 unit=条"], ["no_cap"]),
    ("客户好评5分/条,上不封顶", ["S3 points=5 unit=条"], []),
    ("差评-20分/条", ["差评 → S3 points=-20 unit=条"], []),
    ("好人好事5~50分", ["好人好事 → S9 points_min=5 points_max=50 unit=次"], []),
    ("重大贡献100-1000分由总经理决定", ["S9 points_min=100 points_max=1000 unit=次"], []),
    ("积分奖励100分/人", ["S3 points=100 unit=人"], ["no_cap"]),
    ("优秀团队500分/队", ["优秀团队 → S3 points=500 unit=队"], ["no_cap"]),
    ("团队每人50分", ["团队每人 → S1 points=50 unit=次"], []),
    ("转正后加50分", ["S1 points=50 unit=次"], []),
    ("入职满一年加100分", ["S1 points=100 unit=次"], []),
    (
        "推荐人才入职:普通员工100分,主管200分,经理300分",
        [
            "推荐人才入职:普通员工 → S1 points=100 unit=次",
            "推荐人才入职:主管 → S1 points=200 unit=次",
            "推荐人才入职:经理 → S1 points=300 unit=次",
        ],
        [],
    ),
    (
        "推荐一人入职奖100分,转正再奖100分",
        ["推荐一人入职奖100分 → S3 points=100 unit=人", "转正再奖100分 → S1 points=100 unit=次"],
        ["no_cap"],
    ),
    (
        "学历:高中20分/月,大专30分/月,本科40分/月",
        [
            "学历:高中 → S2 points=20 period=month",
            "学历:大专 → S2 points=30 period=month",
            "学历:本科 → S2 points=40 period=month",
        ],
        ["choice_list"],
    ),
    (
        "每月技能津贴:初级20分,中级40分",
        [
            "每月技能津贴:初级 → S2 points=20 period=month",
            "每月技能津贴:中级 → S2 points=40 period=month",
        ],
        ["choice_list"],
    ),
    (
        "考核90分以上加20分,80-89分加10分,60分以下扣20分",
        [
            "考核90分以上加20分 → S1 points=20 unit=次",
            "80-89分加10分 → S1 points=10 unit=次",
            "60分以下扣20分 → S1 points=-20 unit=次",
        ],
        ["several_prices", "tiers_unclear"],
    ),
    (
        "满意度≥95%加20分,<90%扣20分",
        [
            "满意度≥95%加20分 → S5 points=20 unit=% period=month target=95 ?period",
            "<90%扣20分 → S1 points=-20 unit=次",
        ],
        ["target_without_period", "tiers_unclear"],
    ),
    (
        "出勤率100%加30分",
        ["S5 points=30 unit=% period=month target=100 ?period"],
        ["target_without_period"],
    ),
    (
        "合格率98%以上每月50分",
        ["合格率98%以上每月 → S5 points=50 unit=% period=month target=98"],
        [],
    ),
    ("每天发朋友圈2条得2分", ["S2 points=2 period=day checklist=发朋友圈>=2"], []),
    ("三百分", ["S1 points=300 unit=次"], []),
    ("每增加一千元销售额加5分", ["S3 points=5 unit=元 divisor=1000"], ["no_cap"]),
    (
        "38 万以上800分",
        ["38 万以上 → S5 points=800 unit=元 period=month target=380000 ?period"],
        ["target_without_period"],
    ),
    ("业绩 1 千得 5分", ["S3 points=5 unit=元 divisor=1000"], ["no_cap"]),
    ("每５００元得１分", ["S3 points=1 unit=元 divisor=500"], ["no_cap"]),
    ("每消费满100元积1分", ["S3 points=1 unit=元 divisor=100"], ["no_cap"]),
    ("一个月内无差错加50分", ["S1 points=50 unit=次 ?deadline"], []),
    ("月度无差错加50分", ["S2 points=50 period=month"], []),
    (
        "旷工半天扣20分,一天扣50分",
        ["旷工半天扣20分 → S1 points=-20 unit=次", "一天扣50分 → S1 points=-50 unit=次"],
        ["tiers_unclear"],
    ),
    (
        "事假每天-2分,病假每天-1分",
        ["事假每天 → S3 points=-2 unit=天", "病假每天 → S3 points=-1 unit=天"],
        [],
    ),
    ("每月例会缺席扣5分", ["S1 points=-5 unit=次"], []),
    ("领导安排的临时任务按时完成加5分", ["S1 points=5 unit=次"], []),
    (
        "任务完成率×10分",
        [
            "任务完成率× → S4 points=10 unit=% period=month target=100 proportional=True ?target ?period"
        ],
        [],
    ),
    (
        "按完成比例计分,满分50",
        ["S4 points=50 unit=% period=month target=100 proportional=True ?target ?period"],
        [],
    ),
    (
        "达到目标80%得80分,100%得100分,120%得150分",
        ["S5 points=150 unit=% period=month target=120 tiers=80:80,100:100,120:150 ?period"],
        ["target_without_period"],
    ),
    (
        "每月5号前交报表加5分,迟交扣5分",
        [
            "每月5号前交报表加5分 → S2 points=5 period=month deadline=day_of_month/5",
            "迟交扣5分 → S1 points=-5 unit=次",
        ],
        [],
    ),
    (
        "主动承担额外工作酌情加1-10分",
        ["S9 points_min=1 points_max=10 unit=次 bonus=True"],
        ["subjective_wording"],
    ),
    (
        "帶新人每位加30分,試用期通過再加50分",
        ["帶新人每位加30分 → S3 points=30 unit=位", "試用期通過再加50分 → S1 points=50 unit=次"],
        ["no_cap"],
    ),
    ("每準時提交週報一次加５分", ["S2 points=5 period=week"], []),
    ("贰佰分", ["S1 points=200 unit=次"], []),
    ("加廿分", ["S1 points=20 unit=次"], []),
    ("客户满意度低于80分每次扣10分", ["S1 points=-10 unit=次"], []),
    ("评分4.5以上加20分", ["S1 points=20 unit=次"], []),
    ("人员招聘每人20分", ["人员招聘每人 → S3 points=20 unit=人"], ["no_cap"]),
    (
        "周总结每周五前提交,迟交不得分,5分",
        [
            "周总结每周五前提交,迟交不得分 → S2 points=5 period=week deadline=weekday/5/24:00 ?deadline"
        ],
        [],
    ),
    ("全员迟到扣5分", ["S1 points=-5 unit=次"], []),
    ("視情節扣五至二十分", ["S9 points_min=-20 points_max=-5 unit=次 needs=情节"], []),
    ("扣5～20分", ["S9 points_min=-20 points_max=-5 unit=次"], []),
    ("扣５－２０分", ["S9 points_min=-20 points_max=-5 unit=次"], []),
    ("每周至少提交1次合理化建议得5分", ["S2 points=5 period=week"], []),
    ("师徒各加10分", ["S1 points=10 unit=次"], []),
    ("师傅和徒弟各10分", ["师傅 → S1 points=10 unit=次", "徒弟 → S1 points=10 unit=次"], []),
    ("每招聘1人入职30分,3个月内离职扣回", ["S3 points=30 unit=人 ?deadline"], ["no_cap"]),
    (
        "当天完成加2分,次日完成加1分",
        [
            "当天完成加2分 → S2 points=2 period=day deadline=time_of_day/24:00",
            "次日完成加1分 → S2 points=1 period=day ?deadline",
        ],
        [],
    ),
    (
        "得分=完成率×100分",
        [
            "得分=完成率× → S4 points=100 unit=% period=month target=100 proportional=True ?target ?period"
        ],
        [],
    ),
    (
        "年终评优:一等1000分;二等600分;三等300分",
        [
            "年终评优:一等 → S2 points=1000 period=year",
            "年终评优:二等 → S2 points=600 period=year",
            "年终评优:三等 → S2 points=300 period=year",
        ],
        ["choice_list"],
    ),
    (
        "迟到(30分钟以内)-5分;迟到(30分钟以上)-20分",
        [
            "迟到(30分钟以内) → S1 points=-5 unit=次 ?shape",
            "迟到(30分钟以上) → S8 points=-20 unit=次 limit_minutes=30",
        ],
        [],
    ),
    (
        "不按规定穿工服 每次扣 2 分（新员工入职 7 天内除外）",
        ["S1 points=-2 unit=次 exclude=新员工入职7天内 ?exclude"],
        [],
    ),
    ("周末值班1.5倍", ["周末值班 → S10 multiplier=1.5 ?multiplier"], []),
    ("除夕值班三倍积分", ["除夕值班 → S10 multiplier=3 ?multiplier"], []),
    ("安全生产无事故满100天加100分", ["S1 points=100 unit=次"], []),
    ("同一问题重复发生扣双倍", ["同一问题重复发生扣 → S10 multiplier=2 ?multiplier"], []),
    (
        "合同金额10万以下10分,10万-50万30分,50万以上100分",
        [
            "合同金额10万以下 → S1 points=10 unit=次",
            "10万-50万 → S1 points=30 unit=次",
            "50万以上 → S5 points=100 unit=元 period=month target=500000 ?period",
        ],
        ["target_without_period", "tiers_unclear"],
    ),
    (
        "合同金额≤10万:10分;10-50万(含):30分;>50万:100分",
        [
            "合同金额≤10万 → S1 points=10 unit=次",
            "10-50万(含) → S1 points=30 unit=次",
            ">50万 → S5 points=100 unit=元 period=month target=500000 strict=True ?period",
        ],
        ["target_without_period", "tiers_unclear"],
    ),
    ("每季度人均培训8小时得20分", ["S2 points=20 period=quarter checklist=人均培训>=8"], []),
]


@pytest.mark.parametrize(
    ("text", "drafts", "kinds"), [pytest.param(*each, id=each[0]) for each in WORDINGS]
)
def test_a_wording_means(text: str, drafts: list[str], kinds: list[str]) -> None:
    assert drafts_said(text) == (drafts, kinds)
