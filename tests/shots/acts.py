"""What is done on a page before its picture is taken."""

from collections.abc import Callable
from typing import Any


def open_dialog(name: str) -> Callable[[Any], None]:
    """Press the button that opens a dialog."""
    return lambda page: page.locator(f'[data-open-dialog="{name}"]').first.click()


def click(selector: str) -> Callable[[Any], None]:
    """Press something."""
    return lambda page: page.locator(selector).first.click()


def fill_rule(page: Any) -> None:
    """Type a rule, so that its sentence shows."""
    page.locator("#id_standard").fill("提交日报")
    page.locator("#id_points").fill("5")
    page.locator("#id_deadline_kind").select_option("time_of_day")
    page.locator("#id_deadline_time").fill("22:00")
    page.locator("#sentence", has_text="22").wait_for()


def fill_event(page: Any) -> None:
    """Type an event, so that its preview shows."""
    page.locator("#id_field_0").fill("13")
    page.wait_for_timeout(800)  # typing is answered after a pause


def check_receipt(page: Any) -> None:
    """Check a receipt in the browser."""
    page.locator("[data-step] + [data-step]").first.wait_for()
    page.get_by_role("button", name="在我的浏览器里核对").click()
    page.locator('[data-verdict="good"]').wait_for(state="visible")


def submit(selector: str = "main form button.btn-primary") -> Callable[[Any], None]:
    """Send an empty form, so that its errors show."""
    return lambda page: page.locator(selector).first.click()
