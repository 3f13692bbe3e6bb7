"""Writing rules: loading drafts, answering their questions, publishing, retiring, by hand."""

from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.loading import (
    DepartmentUnknown,
    LineResult,
    Loaded,
    department_population,
    load_drafts,
    load_template,
)
from meritbook.rules.operations.publishing import (
    OpenQuestions,
    answer_question,
    publish,
    retire,
)

__all__ = [
    "DepartmentUnknown",
    "LineResult",
    "Loaded",
    "OpenQuestions",
    "answer_question",
    "department_population",
    "load_drafts",
    "load_template",
    "publish",
    "retire",
    "save_rule",
]
