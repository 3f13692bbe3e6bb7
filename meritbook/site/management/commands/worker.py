"""Carry out jobs, as a role that row-level security binds."""

import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from meritbook.site.roles import RoleTooStrong, refuse_strong_role


class Command(BaseCommand):
    help = "The worker: procrastinate's, once the database role is known to be the app's."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_strong_role()
        except RoleTooStrong as refusal:
            self.stderr.write(refusal.message)
            sys.exit(1)
        call_command("procrastinate", "worker")
