"""The first page after a start finds everything loaded."""

import os
import subprocess
import sys

from tests import databases

# The modules and templates that a page's own request still had to load.
PROBE = """
import sys
from meritbook.site.wsgi import application
from django.template import engines
from django.test import Client
modules = set(sys.modules)
loaders = engines["django"].engine.template_loaders[0]
templates = set(loaders.get_template_cache)
assert Client().get("/login/").status_code == 200
ours = {name for name in set(sys.modules) - modules if name.startswith("meritbook.")}
print(sorted(ours), sorted(set(loaders.get_template_cache) - templates))
"""


def test_the_first_page_loads_no_code_and_no_template(live_database: str) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
        "MERITBOOK_DB_APP": databases.url("meritbook_app", live_database),
        "MERITBOOK_DB_POOL": "0",
        "MERITBOOK_SECRET_KEY": "tests",
        "MERITBOOK_STATIC_PLAIN": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "[] []\n"
