"""Which column is which: headings in any order, under other names, on one or two levels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from meritbook.kit.sheets import heading_key

TITLES = {
    "indicator": "关键指标",
    "process": "关键过程",
    "result": "关键结果",
    "weight": "权重",
    "standard": "衡量标准",
    "points": "积分",
    "deduction": "扣分",
    "unit": "单位",
}
NEEDED = ("standard", "points")

_NAMES: dict[str, str] = {
    "indicator": "关键指标 指标 考核指标 kpi kpi指标 指标名称 类别 分类 积分类别 考核维度 维度 模块 大类 类型 "
    "关键业绩指标 绩效指标 一级指标 考核类别 积分类型 项目类别 板块 栏目 大项 大类别 indicator category",
    "process": "关键过程 过程 工作过程 关键行为 过程指标 关键动作 执行过程 工作要求 二级指标 小项 二级项目 process",
    "result": "关键结果 结果 结果指标 工作结果 预期结果 关键成果 产出 目标 目标值 完成目标 三级指标 result target",
    "weight": "关键结果权重 权重 占比 比重 权重比例 权重占比 指标权重 weight",
    "standard": "衡量标准 标准 评分标准 考核标准 评分细则 计分标准 评价标准 具体内容 细则 考核细则 积分标准 "
    "积分规则 规则 评分规则 计分规则 加扣分标准 奖扣标准 奖扣分标准 积分事项 奖扣事项 奖励标准 加分标准 考核要求 评分办法 "
    "计分办法 计分方式 评分说明 评分依据 奖惩标准 奖罚标准 奖惩内容 奖罚内容 积分内容 行为描述 加分项 扣分项 加减分项 奖扣项 "
    "加分项目 扣分项目 奖分项目 奖励项目 奖惩项目 奖惩事项 加分事项 扣分事项 具体要求 执行标准 指标说明 standard rule",
    "points": "积分 分值 分数 得分 积分值 奖扣分 奖扣分值 加扣分 加减分 奖分 加分 奖励分 标准分 积分数 "
    "奖励积分 加分值 分值标准 单次积分 每次积分 单项分值 奖励分值 积分分值 加分分值 "
    "奖惩分 奖罚分 赋分 计分 基础分 分 points score",
    "deduction": "扣分 减分 扣减 罚分 扣分值 扣除积分 扣积分 扣分分值 处罚分 惩罚分",
    "unit": "单位 计分单位 积分单位 unit",
}
_EXACT = {heading_key(name): role for role, names in _NAMES.items() for name in names.split()}
# Headings that say little, those first that rather name what is done: they take roles still free.
_WEAK_NAMES = "具体事项 具体行为 工作内容 考核内容 内容 事项 行为 事件 积分项 积分项目 描述 岗位职责 考核项目 项目 名称 说明"
_WEAK = {heading_key(name): rank for rank, name in enumerate(_WEAK_NAMES.split())}
_PARTS = (
    ("weight", r"权重|比重"),
    ("deduction", r"^扣.*分$"),
    ("points", r"(?:积分|分值|分数|加分|奖扣分)$"),
    ("standard", r"(?:衡量|评分|考核|计分|积分|奖扣)?(?:标准|细则|规则)(?:内容|描述|说明)?$"),
    ("indicator", r"指标$|^kpi"),
    ("process", r"过程"),
    ("result", r"结果|成果"),
)


def role_of(heading: str) -> str | None:
    """Return the role that a heading names for certain, else None."""
    key = re.sub(r"[%％]", "", heading_key(heading))
    if not key or len(key) > 12:
        return None
    if key in _EXACT:
        return _EXACT[key]
    if key in _WEAK:
        return None
    return next((role for role, pattern in _PARTS if re.search(pattern, key)), None)


def is_heading(text: str) -> bool:
    """Say whether a cell's text could be a heading at all."""
    key = heading_key(text)
    return bool(key) and (
        role_of(text) is not None or key in _WEAK or key in {"序号", "编号", "备注"}
    )


def assign_roles(columns: Sequence[Sequence[str]]) -> dict[int, str]:
    """Give each column (its headings, top level first) a role; columns without one are left out.

    The lower level decides. An exact name beats a similar one, the left column the right one, and
    vague headings (项目, 内容) take what is still missing.
    """
    roles: dict[int, str] = {}

    def free(role: str) -> bool:
        return role not in roles.values()

    keys = [[re.sub(r"[%％]", "", heading_key(level)) for level in levels] for levels in columns]
    for index, levels in enumerate(keys):
        named = next((_EXACT[key] for key in reversed(levels) if key in _EXACT), None)
        if named and free(named):
            roles[index] = named
    for index, titles in enumerate(columns):
        if index in roles or not titles or any(key in _WEAK for key in keys[index]):
            continue
        named = role_of(titles[-1])
        if named and free(named):
            roles[index] = named
    weak = [
        (min(_WEAK[key] for key in levels if key in _WEAK), index)
        for index, levels in enumerate(keys)
        if index not in roles and any(key in _WEAK for key in levels)
    ]
    if weak and free("standard"):
        _rank, best = min(weak)
        roles[best] = "standard"
    for _rank, index in sorted(weak, key=lambda each: each[1]):
        if index not in roles and (role := next(filter(free, ("indicator", "process")), None)):
            roles[index] = role
    return roles
