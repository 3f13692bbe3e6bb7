"""Taking the pictures."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.shots.shot import PERSONAS, VARIANTS, Prepared, Shot


def take(shots: Sequence[Shot], *, prepared: Prepared, out: Path, site: str, browser: Any) -> int:
    """Take the pictures; how many pages were wider than their window or broke."""
    from tests.browser.live import session_cookie

    faults = 0
    for shot in shots:
        for persona in shot.personas:
            address = shot.address if isinstance(shot.address, str) else shot.address(prepared)
            name = f"{shot.name}-{PERSONAS[persona]}"
            context = browser.new_context(
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                base_url=site,
                reduced_motion="reduce",
            )
            if persona:
                login = prepared.logins[persona, shot.empty]
                company_id = prepared.companies[shot.empty]
                context.add_cookies(
                    [session_cookie(login=login, company_id=company_id, address=site)]
                )
            for complaint in _pictures(context, shot, address=address, out=out, name=name):
                faults += 1
                print(f"{name}: {complaint}", file=sys.stderr)
            context.close()
    return faults


def _pictures(context: Any, shot: Shot, *, address: str, out: Path, name: str) -> list[str]:
    """One page in every size and colour, loaded once; what was wrong with it."""
    from playwright.sync_api import Error

    complaints: list[str] = []
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.set_viewport_size({"width": VARIANTS[0][1], "height": VARIANTS[0][2]})
        answer = page.goto(address, wait_until="load")
        if answer is not None and answer.status >= 500:
            complaints.append(f"status {answer.status}")
        _settle(page)
        if shot.act is not None:
            shot.act(page)
            _settle(page)
        has_dialog = page.locator("dialog[open]").count() > 0
        for variant, width, height, theme in VARIANTS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            page.wait_for_timeout(250)  # the new size and colours are painted in steps
            page.screenshot(path=out / f"{name}-{variant}.png", full_page=not has_dialog)
            beyond = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if beyond > 0:
                complaints.append(f"{variant}: {beyond} px wider than the window")
    except Error as error:
        complaints.append(error.message.splitlines()[0])
    return complaints


def _settle(page: Any) -> None:
    """Wait until the page asks for nothing more and its fonts are there."""
    page.wait_for_load_state("load")
    for _try in range(100):
        page.wait_for_timeout(100)
        if page.evaluate(
            "!document.querySelector('.htmx-request, .loading-bar.busy')"
            " && document.fonts.status === 'loaded'"
        ):
            return
