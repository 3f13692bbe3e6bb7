"""Forms: one rule by hand, a rule table to read, publishing what was read."""

from meritbook.rules.forms.publishing import PublishForm, RetireForm, first_error
from meritbook.rules.forms.rule import RuleForm
from meritbook.rules.forms.shown import initial_of
from meritbook.rules.forms.tables import RuleTableForm

__all__ = [
    "PublishForm",
    "RetireForm",
    "RuleForm",
    "RuleTableForm",
    "first_error",
    "initial_of",
]
