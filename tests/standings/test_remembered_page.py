"""The board page is remembered for its reader, and for nobody else."""

import re

from django.test import Client

TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"|X-CSRFToken": "(\w+)"')


def tokens(html: str) -> set[str]:
    return {one or other for one, other in TOKEN.findall(html)}


def test_a_remembered_page_has_the_tokens_of_the_request(home) -> None:
    pages = []
    for client in (home.client("employee"), home.client("employee")):
        for _turn in range(2):
            response = client.get("/boards/")
            assert response.status_code == 200
            pages.append((client, response.content.decode()))
    for _client, html in pages:
        assert tokens(html)
        assert "\x00" not in html
    strip = [TOKEN.sub("", html) for _client, html in pages]
    assert strip[0] == strip[1] == strip[2] == strip[3]
    # The tokens of a remembered page open the forms of the session that got it, checked for real.
    client, html = pages[3]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    (token, *_others) = sorted(tokens(html))
    answer = strict.post("/language/", {"language": "en", "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


def test_readers_do_not_see_each_others_page(home, away) -> None:
    mine = home.client("employee").get("/boards/").content.decode()
    hers = home.client("officer").get("/boards/").content.decode()
    strangers = away.client("owner").get("/boards/").content.decode()
    assert mine != hers
    assert "李雷" not in strangers
    assert home.client("employee").get("/boards/").content.decode().count(
        "我</span>"
    ) == mine.count("我</span>")
