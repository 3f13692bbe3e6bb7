"""Web and worker run as nobody but the app's role."""

import os
import subprocess
import sys

import pytest

from meritbook.kit.provision import APP, OPS, OWNER
from tests import databases

START_WEB = "import meritbook.site.wsgi"
START_WORKER = "from django.core.management import call_command as c; import django; django.setup(); c('worker')"


def start(code: str, *, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
            "MERITBOOK_DB_APP": url,
            "MERITBOOK_DB_POOL": "0",
            "MERITBOOK_SECRET_KEY": "tests",
        },
        cwd=databases.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("code", [START_WEB, START_WORKER], ids=["web", "worker"])
def test_strong_roles_are_refused(live_database: str, code: str) -> None:
    admin = databases.urlsplit(databases.admin_dsn())._replace(path=f"/{live_database}").geturl()
    for url, why in (
        (databases.url(OWNER, live_database), "它拥有数据表"),
        (databases.url(OPS, live_database), "BYPASSRLS"),
        (admin, "超级用户"),
    ):
        done = start(code, url=url)
        assert done.returncode == 1
        assert "拒绝启动" in done.stderr
        assert why in done.stderr
        assert "Traceback" not in done.stderr


def test_the_app_is_let_in(live_database: str) -> None:
    assert start(START_WEB, url=databases.url(APP, live_database)).returncode == 0


def test_a_committed_scope_is_forgotten(live_database: str) -> None:
    """A pooled connection does not carry the company to the next request."""
    from django.db import connection

    from meritbook.kit.tenancy import company_scope
    from meritbook.site.companies import found_company
    from tests.people import NOW

    company = found_company(code="hongyuan", name="宏远贸易", now=NOW)
    with company_scope(company.pk):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.company_id', true)")
        assert cursor.fetchone() in [(None,), ("",)]
