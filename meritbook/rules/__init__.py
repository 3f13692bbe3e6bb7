"""积分标准: rules in versions, the ten shapes, scoring with a trace, rule tables read from Excel.

Nouns: rule, rule version, draft, question, finding, template.

Always holds: a published version never changes; the version valid on a day is unique; scoring is
a pure function of version, event, person and window, and can be traced in sentences.

Does not know: the ledger, the event store, the clock.
"""
