"""What may happen to the ledger in any order, and what is compared with the model each time.

``draws`` is what the rules draw from, ``comparing`` the machine without rules; ``gains``, ``gifts``,
``reversals`` and ``days`` are the rules by what they do. ``test_machine`` puts them together.
"""
