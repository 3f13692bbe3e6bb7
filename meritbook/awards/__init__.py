"""From event to posting: the event store, evaluation, windows, explanation, corrections.

Nouns: event, entry, window, budget; caps and quotas as they meet events.

Always holds: this is the only road into the ledger for anything earned; an event's content is
never edited, a correction is a new revision; the same number with the same content does nothing;
an entry names the rule version, the event or window, and the transaction; the same events in any
order leave the same balances.

Does not know: where events come from, boards, rewards.
"""
