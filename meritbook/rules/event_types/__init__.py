"""What kinds of things happen: canonical types, those of a company, and which rules they feed.

Nouns: type (a kind of event with a code and a name), feed (that a type feeds a rule), item (the
line of a rule's checklist that a feed counts for).

Always holds: a rule's own code feeds that rule alone; a type's code or name feeds every rule that
it was mapped to.

Does not know: events, points, the database.
"""
