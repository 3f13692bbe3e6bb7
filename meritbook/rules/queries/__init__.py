"""Reading rules: the compiled rulebook, lists, one rule with its versions, schemes."""

from meritbook.rules.queries.rules import (
    COLUMNS,
    Meaning,
    PopulationNames,
    Rulebook,
    RuleTimeline,
    UnknownRule,
    latest_versions,
    number_text,
    population_names,
    reload,
    rule,
    rule_row,
    rulebook,
    version_content,
    version_spec,
    versions,
)

__all__ = [
    "COLUMNS",
    "Meaning",
    "PopulationNames",
    "RuleTimeline",
    "Rulebook",
    "UnknownRule",
    "latest_versions",
    "number_text",
    "population_names",
    "reload",
    "rule",
    "rule_row",
    "rulebook",
    "version_content",
    "version_spec",
    "versions",
]
