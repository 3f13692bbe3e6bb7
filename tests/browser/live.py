"""A served site and a Chromium to look at it with; for browser tests and for the pictures."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path(os.environ.get("MERITBOOK_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
MISSING = (
    f"There is no Chromium at {CHROMIUM}. On Debian: apt-get install chromium fonts-noto-cjk;"
    " elsewhere set MERITBOOK_CHROMIUM to its path."
)


class ChromiumMissing(RuntimeError):
    """No Chromium where one is expected."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Raises ChromiumMissing."""
    if not CHROMIUM.exists():
        raise ChromiumMissing(MISSING)
    # Playwright runs a loop in this thread, which Django would take for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            yield browser
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def serving() -> Iterator[str]:
    """The site on a free port of this machine, served by threads of this process.

    The threads use the database that Django's default connection points to.
    """
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Requests are not what a test tells."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def session_cookie(*, login: Any, company_id: int, address: str) -> dict[str, str]:
    """The cookie of somebody who is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(login.pk)
    session[BACKEND_SESSION_KEY] = "meritbook.org.signin.MeritbookBackend"
    session[HASH_SESSION_KEY] = login.get_session_auth_hash()
    session["company_id"] = company_id
    session.create()
    return {"name": "sessionid", "value": session.session_key, "url": address}
