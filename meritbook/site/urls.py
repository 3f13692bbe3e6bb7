"""All addresses."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from meritbook.site.views.me import companies, me
from meritbook.site.views.search import search

handler400 = "meritbook.kit.views.bad_request"
handler403 = "meritbook.kit.views.forbidden"
handler404 = "meritbook.kit.views.not_found"
handler500 = "meritbook.kit.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", search, name="search"),
    path("me/", me, name="me"),
    path("companies/", companies, name="companies"),
    path("language/", set_language, name="set_language"),
    path("", include("meritbook.kit.urls")),
]
