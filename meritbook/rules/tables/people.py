"""For whom a standard is, in its own words: 仅销售部, 后勤人员双倍, 新员工入职前 3 个月."""

from __future__ import annotations

import re

from meritbook.rules.tables.amounts import squeezed

_HANZI = r"[\u4e00-\u9fff]"
_EVERYONE = re.compile(
    r"^(?:全体|所有|全部|每个|每位|各|公司|本公司|任何)?(?:员工|人员|同事|成员|职工|部门员工)$|^全员$|^每人$"
)
_NOUN = (
    rf"(?:{_HANZI}{{1,7}}?(?:事业部|部门|中心|车间|班组|科室|分公司|门店|[^全内外各本]部(?!分|署|落|件|位))(?:的)?(?:全体|所有)?(?:人员|员工|成员|同事|主管|经理|岗位?)?"
    rf"|{_HANZI}{{1,6}}?(?:人员|员工|岗位|岗|专员|主管|经理|店长|组长|班长|司机|文员|助理|工程师|技师|学徒|实习生|主任|总监|厨师|服务员|导购|收银员|保安|保洁|会计|出纳|业务员|销售员|采购员|仓管员?|质检员)"
    r"|党员|团员|管理层|中层|高管|基层|干部|班组长|组长|店长|主管|经理|实习生|新人|老员工|新员工|后勤|客服|财务|采购|销售|行政|人事|仓库|仓管|生产|研发|技术|市场|运营|售后|内勤|外勤)"
)
_TENURE = (
    r"(?:(?:新员工|员工|新人)?入职(?:后|前|满|不满|未满|不足)?\d+(?:个月|年|天|个?季度?)(?:之?内|以内|以上|以下)?"
    r"|试用期(?:内|员工|人员)?|转正(?:后|前)|(?:工龄|司龄)\d+年(?:以上|以下|以内))"
)
_NO_PEOPLE_AFTER = (
    "仅 只 限 凡 针对 适用 每 推荐 介绍 招聘 培训 指导 协助 帮助 辅导 带 优秀 先进 最佳 离职 领导 安排 新增 开发 发展 "
    "培养 引进 关心 关爱 服务 接待 客户 顾客 供应商 合作 建议 提名 评为 被 获 当选 成为 晋升 担任 聘为 参加 配合 主动 及时 "
    "未 不 无 没有 违反 顶撞 辱骂 完成 提交 经 由 与 和 向 给 为 按 在 因 上级 其 本职 积极 提 同 管理(?!人员|层) 参与 组织"
)
_NOT_PEOPLE = re.compile(rf"^(?:{'|'.join(_NO_PEOPLE_AFTER.split())})")
_ONLY = re.compile(
    rf"(?:^|[,;。(:])(?:仅限?|只限|只对|限于?|针对|适用于?|凡)(?P<who>{_NOUN})(?:可?享受|适用|专享|可得)?"
)
_LEADING = re.compile(
    rf"^(?P<who>{_NOUN}|{_TENURE})(?=[:,;]|每(?!个|位|名)|(?:加班|值班)?(?:积分)?(?:双倍|\d+(?:\.\d+)?倍|翻倍|加倍)|(?:迟到|早退|旷工|签单|拜访|打卡|加班|值班|接待|接单|出勤|开单|成交|回款))"
)
_BRACKET = re.compile(
    rf"\((?:仅限?|只限|限|适用于?)?(?P<who>{_NOUN}|{_TENURE})(?:适用|专用|专享|除外)?\)"
)
_OTHERS = re.compile(
    r"(?:^|[,;。])(?P<who>其他(?:部门|岗位|人员|员工|同事)|其余(?:部门|人员|员工))"
)
_MULTIPLIED = re.compile(r"双倍|\d倍|翻倍|加倍")


def people_in(text: str) -> list[str]:
    """Return the words of a text that say for whom it is; everyone is nobody special."""
    text = squeezed(text)
    found: list[str] = []
    patterns = [_ONLY, _LEADING, _BRACKET, _OTHERS]
    for pattern in patterns:
        for match in pattern.finditer(text):
            who = match["who"]
            if pattern is _BRACKET and match[0].endswith("除外)"):
                continue
            if who in found or _EVERYONE.match(who):
                continue
            if pattern is not _OTHERS and _NOT_PEOPLE.match(who):
                continue
            found.append(who)
    if _MULTIPLIED.search(text) and not found and (tenure := re.search(_TENURE, text)):
        found.append(tenure[0])
    return found
