"""The entry point of the web server."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meritbook.site.settings")

application = get_wsgi_application()

from meritbook.site.roles import RoleTooStrong, refuse_strong_role  # noqa: E402 -- needs settings
from meritbook.site.warming import warm_up  # noqa: E402

try:
    refuse_strong_role()
except RoleTooStrong as refusal:
    sys.stderr.write(f"{refusal.message}\n")
    raise SystemExit(1) from refusal

warm_up()
