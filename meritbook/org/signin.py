"""Signing in with django-allauth underneath: phone, or company code + 工号, and password."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend


class MeritbookBackend(AuthenticationBackend):
    """allauth's backend; the form resolves phone or 工号 to the log-in's username first."""


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves."""

    def is_open_for_signup(self, request: object) -> bool:
        return False
