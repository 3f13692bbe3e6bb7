"""The empty rule table that people download and fill in."""

from django.utils.translation import gettext as _

from meritbook.kit.sheets import Column, write_template


def rule_template() -> bytes:
    """An xlsx file with the columns of a rule table; samples stand on the sheet of notes."""
    columns = (
        Column(
            key="indicator",
            title="关键指标",
            sample="日常汇报",
            hint=_("把同一类的标准放在一起。"),
            width=18,
        ),
        Column(key="process", title="关键过程", sample="工作汇报", hint=_("选填。"), width=22),
        Column(key="result", title="关键结果", sample="按时提交日报", hint=_("选填。"), width=26),
        Column(
            key="weight",
            title="权重",
            sample="30%",
            hint=_("选填，只作说明，不影响计分。"),
            width=10,
        ),
        Column(
            key="standard",
            title="衡量标准",
            required=True,
            sample="每天 22 点前提交日报",
            hint=_("做到什么算数。截止时间、目标、单位都可以直接写在句子里。"),
            width=42,
        ),
        Column(
            key="points",
            title="积分",
            required=True,
            sample="5 分/天",
            hint=_("例如 30 分/天、-50 分/次、50 分/千、-50 至 -1000。"),
            width=16,
        ),
    )
    notes = (
        _("每个工作表可以放一个部门或岗位的标准，工作表的名字就写部门或岗位。"),
        _("列的顺序随意，可以合并单元格；读不准的地方系统会一条一条地问。"),
    )
    return write_template(name=_("积分标准"), columns=columns, notes=notes)
