"""Messages that leave: the outbox, written in the transaction of what they tell.

Nouns: outbox message.

Always holds: a message exists exactly when what it tells was committed; a sender marks it
delivered once.

Does not know: messengers; a sender drains the outbox.
"""
