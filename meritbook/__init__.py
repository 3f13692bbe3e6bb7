"""Meritbook 积分簿: a fact meets a rule, scores, is posted, and moves a standing.

One Django app per context; contexts import downwards only:

    site > standings > awards > rules | ledger > notices > files > org > kit
"""
