"""The company and its people: who is who, where, since when, and who may do what.

Nouns: company, log-in, membership, role grant, programme, party, department, post, grade,
employee, assignment, fact, calendar day, access token, audit entry.

Always holds: every tenant row carries its company and can point only at rows of the same one
(composite keys); an assignment is half-open in time, so what was valid on a day has one answer;
工号 is text; a phone number that was imported never links to an existing log-in by itself.

Does not know: points, rules, events.
"""
