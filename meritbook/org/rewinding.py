"""A request put back to what it was before its view ran, so that the view can run once more."""

from contextlib import suppress
from importlib import import_module
from itertools import chain

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse


class Rewind:
    """Remembers a request at its middleware's door; called, it takes back what a view did to it.

    The session and the log-in are read anew, messages of the lost run are forgotten, the form's
    token is the one that came along, uploaded files begin at their beginning. The body and the
    form stay as they were read. False: a file was closed or the body was read piece by piece.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.session_key = request.session.session_key
        self.meta = dict(request.META)

    def __call__(self) -> bool:
        request = self.request
        request.META.clear()
        request.META.update(self.meta)
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.session_key)
        with suppress(AttributeError):
            del request._cached_user  # type: ignore[attr-defined]  # see contrib.auth.middleware
        AuthenticationMiddleware(_nothing).process_request(request)
        request._messages = default_storage(request)  # type: ignore[attr-defined]
        return self._is_readable()

    def _is_readable(self) -> bool:
        known = vars(self.request)
        if known.get("_read_started") and not known.keys() & {"_body", "_post"}:
            return False
        files = known.get("_files")
        for file in chain.from_iterable(each for _name, each in files.lists()) if files else ():
            if file.closed:
                return False
            file.seek(0)
        return True


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
