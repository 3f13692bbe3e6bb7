"""Ready rule tables that a company can start from, by industry and post.

Nouns: template (a named choice of sheets and texts), source (a file beside this one).

Always holds: the files are what a company would upload itself, and are read by the same grammar.

Does not know: companies, the database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import decode_text, read_path
from meritbook.kit.words import say, told
from meritbook.rules.library.personal import personal
from meritbook.rules.tables import Draft, Reading, read_tables, read_text

_HERE = Path(__file__).parent
_TABLES = "rule-tables-003.xlsx"
_STANDARDS = "standards-000.txt"
_SALES = "sales-002.txt"
_WORKSHOP, _RESTAURANT, _OFFICE = "workshop.txt", "restaurant.txt", "office.txt"
_FIXED = "fixed.txt"
_TEXT_NAMES = {
    _STANDARDS: "通用标准",
    _SALES: "销售业绩",
    _WORKSHOP: "生产车间",
    _RESTAURANT: "餐饮门店",
    _OFFICE: "行政办公",
    _FIXED: "固定分",
}


class UnknownTemplate(Refusal):
    """No template of the library has this code."""

    code = "unknown_template"
    status = 404


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the library, and which of its sheets (none: the whole file)."""

    file: str
    sheets: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Return where the file lies."""
        return _HERE / self.file


@dataclass(frozen=True, slots=True)
class Template:
    """A ready set of rules, shown in the library."""

    code: str
    name: str
    description: str
    sources: tuple[Source, ...]

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """Return the names under which its rules are grouped."""
        return tuple(
            name
            for source in self.sources
            for name in (source.sheets or (_TEXT_NAMES.get(source.file, source.file),))
        )


_TEMPLATES = (
    Template(
        code="sales",
        name=told("销售公司"),
        description=told(
            "考勤与汇报、签单回款，加上销售岗的老客户、新客户、自我营销和周月日总结。"
        ),
        sources=(Source(_STANDARDS), Source(_TABLES, ("销售",)), Source(_SALES)),
    ),
    Template(
        code="supply",
        name=told("采购与仓储"),
        description=told("采购按时与质量、检验货和盘点、供应商开发与维护。"),
        sources=(Source(_TABLES, ("采购仓库供应商",)),),
    ),
    Template(
        code="service",
        name=told("客服"),
        description=told("回复及时性、跟进货期、老客户回访、客户满意度。"),
        sources=(Source(_TABLES, ("客服",)),),
    ),
    Template(
        code="project",
        name=told("积分项目"),
        description=told("导入积分管理的三个阶段，按权重分项目总分，验收后计分。"),
        sources=(Source(_TABLES, ("积分负责人规则设置",)),),
    ),
    Template(
        code="workshop",
        name=told("生产车间"),
        description=told("安全与现场、质量、产量、改善和考勤，每条都能当场登记。"),
        sources=(Source(_WORKSHOP),),
    ),
    Template(
        code="restaurant",
        name=told("餐饮门店"),
        description=told("服务与好评、卫生与安全、高峰到岗、营业额和盘点。"),
        sources=(Source(_RESTAURANT),),
    ),
    Template(
        code="office",
        name=told("行政办公"),
        description=told("周报月报、跨部门协作、培训分享、行政事务和荣誉。"),
        sources=(Source(_OFFICE),),
    ),
    Template(
        code="fixed",
        name=told("固定分和起始分"),
        description=told(
            "学历、职务、技能、工龄每月一次，按出勤率打折。先在员工资料里登记学历、职务、技能，每月导入“月度出勤”事件（数量填出勤率），"
            "一个事件就计入所有条件相符的固定分；入职起始分登记一次。"
        ),
        sources=(Source(_FIXED),),
    ),
)


def templates() -> list[Template]:
    """Return the templates in the order in which the library shows them."""
    return list(_TEMPLATES)


def template(code: str) -> Template:
    """Return one template by its code; UnknownTemplate when there is none."""
    for one in _TEMPLATES:
        if one.code == code:
            return one
    raise UnknownTemplate(say("标准库里没有“%(code)s”。", code=code))


def reading_of(one: Template) -> Reading:
    """Return drafts, problems and findings of a template, in the order of its sources."""
    parts = [_reading(source) for source in one.sources]
    return Reading(
        drafts=tuple(draft for part in parts for draft in part.drafts),
        problems=tuple(problem for part in parts for problem in part.problems),
        findings=tuple(finding for part in parts for finding in part.findings),
    )


def drafts_of(one: Template) -> list[Draft]:
    """Return the drafts of a template."""
    return list(reading_of(one).drafts)


def drafts_from(source: Source) -> list[Draft]:
    """Return the drafts of one source of a template."""
    return list(_reading(source).drafts)


@lru_cache(maxsize=16)
def _reading(source: Source) -> Reading:
    if source.path.suffix == ".txt":
        text, _encoding = decode_text(source.path.read_bytes())
        reading = read_text(text, name=_TEXT_NAMES[source.file])
        if source.file != _FIXED:
            return reading
        return replace(reading, drafts=personal(reading.drafts))
    sheets = read_path(source.path).sheets
    return read_tables([sheet for sheet in sheets if sheet.name in source.sheets])
