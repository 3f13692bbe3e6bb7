"""Whole pages remembered for some seconds, one for each reader, without what belongs to a request.

For pages that many people look at often and that are made from something with a version. What a
page says of its reader is part of the key; the form tokens are put in anew for every request.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic

from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

PAGES_MAX = 400
_TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<="X-CSRFToken": ")\w+')
_HOLE = "\x00token\x00"

_pages: OrderedDict[Hashable, tuple[float, str]] = OrderedDict()
_lock = Lock()


def remembered_page(
    request: HttpRequest, *, key: Hashable, seconds: float, make: Callable[[], HttpResponse]
) -> HttpResponse:
    """The page that ``make`` answers, or the same page made at most ``seconds`` ago.

    ``key`` names what the page shows and to whom: company, member with roles, version. Address,
    language, theme and database come with the request. A page with a message is never kept.
    """
    if len(get_messages(request)):
        return make()
    whole = (
        connection.settings_dict["NAME"],
        request.get_full_path(),
        bool(getattr(request, "htmx", False)),
        get_language(),
        request.COOKIES.get("theme", ""),
        key,
    )
    with _lock:
        found = _pages.get(whole)
    if found is not None and monotonic() - found[0] < seconds:
        return HttpResponse(found[1].replace(_HOLE, get_token(request)))
    response = make()
    if response.status_code == 200:
        with _lock:
            _pages[whole] = (monotonic(), _TOKEN.sub(_HOLE, response.content.decode()))
            _pages.move_to_end(whole)
            while len(_pages) > PAGES_MAX:
                _pages.popitem(last=False)
    return response
