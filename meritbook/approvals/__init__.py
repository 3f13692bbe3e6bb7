"""Cases that somebody has to agree to: who is asked, who said what, what came out.

Nouns: case, step, approver, beneficiary, decision, delegation, committee, outcome.

Always holds: who opened a case or would benefit from it does not decide it, not for somebody else
either; a case is approved only when each of its steps has the approvals that it needs; a decision
is never changed; what a case asks for is what was asked at first; a key opens one case.

Does not know: what a case is about. It answers an outcome, and the caller acts.
"""
