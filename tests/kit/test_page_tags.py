"""What the page tags write, and that no template breaks the content security policy."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from meritbook.kit import views
from meritbook.kit.periods import Period
from meritbook.kit.templatetags import kit

PACKAGE = Path(kit.__file__).resolve().parent.parent.parent
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Decimal(1985), "1,985", id="thousands"),
        pytest.param(Decimal("0.20"), "0.2", id="idle zero"),
        pytest.param(Decimal("1E+3"), "1,000", id="no exponent"),
        pytest.param("-50", "-50", id="text"),
        pytest.param(None, "", id="nothing"),
        pytest.param("不适用", "不适用", id="no number"),
    ],
)
def test_points_are_written_for_people(value: object, text: str) -> None:
    assert kit.points(value) == text


@pytest.mark.parametrize(
    ("value", "text", "tone"),
    [(240, "+240", "gain"), ("-35.5", "-35.5", "loss"), (0, "0", "muted"), (None, "", "muted")],
)
def test_a_change_shows_its_sign_and_colour(value: object, text: str, tone: str) -> None:
    assert (kit.signed(value), kit.tone(value)) == (text, tone)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-11-21", "2026-11-21"),
        ("2026-W47", "第47周（11-16 至 11-22）"),
        ("2026-11", "2026年11月"),
        ("2026-Q4", "2026年第4季度"),
        ("2026-H2", "2026年第2半年"),
        ("2026", "2026年"),
        ("all", "全部时间"),
    ],
)
def test_a_period_is_named_as_people_say_it(text: str, name: str) -> None:
    with translation.override("zh-hans"):
        assert kit.period_name(Period.parse(text)) == name


def test_moments_are_shown_in_the_time_zone_at_hand() -> None:
    at = datetime(2026, 11, 21, 16, 5, tzinfo=UTC)
    assert kit.moment(at) == "2026-11-22 00:05"
    assert kit.day(at) == "2026-11-22"
    assert kit.day(date(2026, 11, 21)) == "2026-11-21"
    assert kit.moment(None) == ""


def test_an_avatar_is_the_first_character_in_a_colour_that_stays() -> None:
    assert [kit.initial(name) for name in ("李雷", "alex", "", None)] == ["李", "A", "?", "?"]
    assert kit.disc("李雷") == kit.disc("李雷")
    assert re.fullmatch(r"disc-[0-7]", kit.disc("韩梅梅"))


def test_what_is_kept_can_be_shown_twice() -> None:
    template = Template("{% keep name %} {{ who }} {% endkeep %}{{ name }}|{{ name }}")
    assert template.render(Context({"who": "<李雷>"})) == "&lt;李雷&gt;|&lt;李雷&gt;"


@pytest.mark.parametrize(
    ("path", "address", "marked"),
    [
        ("/boards/", "/boards/", True),
        ("/rules/R-1/", "/rules/", True),
        ("/boards/", "/", False),
        ("/", "/", True),
    ],
)
def test_the_navigation_marks_where_one_is(path: str, address: str, marked: bool) -> None:
    context = Context({"request": RequestFactory().get(path)})
    assert bool(kit.current(context, address)) is marked


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", 'data-theme="dark"'), ("system", ""), ('"><script>', ""), (None, "")],
)
def test_only_known_themes_reach_the_page(cookie: str | None, attribute: str) -> None:
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES["theme"] = cookie
    assert kit.theme_attribute(Context({"request": request})) == attribute


def _request() -> HttpRequest:
    request = RequestFactory().get("/nowhere/")
    request.request_id = "abc123"  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (views.bad_request, 400, "请求不对"),
        (views.forbidden, 403, "没有权限"),
        (views.not_found, 404, "没有找到"),
        (views.server_error, 500, "出错了"),
        (views.csrf_failure, 403, "页面过期了"),
    ],
)
def test_an_error_page_says_what_to_do(answer: object, status: int, says: str) -> None:
    with translation.override("zh-hans"):
        response = answer(_request())  # type: ignore[operator]
    page = response.content.decode()
    assert response.status_code == status
    assert says in page
    assert "abc123" in page


FORBIDDEN = re.compile(
    r"""\sstyle\s*=|<style|<script(?![^>]*\bsrc=)|javascript:|\shx-on|\shx-vals=['"]js:"""
    r"""|\son(?:click|change|submit|load|input|focus|blur|error|key\w+|mouse\w+)\s*="""
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_has_inline_script_or_style(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text(encoding="utf-8")) == []


def test_the_style_page_shows_every_part(rf: RequestFactory) -> None:
    with translation.override("zh-hans"):
        page = views.style(rf.get("/style/?page=3")).content.decode()
    assert "买买提·艾山江·阿卜杜热合曼" in page
    assert "共 5,000 条" in page
    parts = {path.name for path in (PACKAGE / "kit/templates/kit/parts").glob("_*.html")}
    used = set(
        re.findall(
            r"kit/parts/(_\w+\.html)",
            " ".join(
                path.read_text(encoding="utf-8")
                for path in (PACKAGE / "kit/templates").rglob("*.html")
            ),
        )
    )
    assert parts - used == set()
