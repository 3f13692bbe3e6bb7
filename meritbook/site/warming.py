"""What the first page would load, loaded when the process starts."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation


def warm_up() -> int:
    """Import the pages, read the languages, compile our templates; how many of them.

    Asks the database for nothing, so that a server starts while its database is away.
    """
    get_resolver()._populate()
    _imported = engines["django"].engine.template_context_processors  # type: ignore[attr-defined]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("")
    names = [
        file.relative_to(folder).as_posix()
        for app in apps.get_app_configs()
        if app.name.startswith("meritbook.")
        for folder in [Path(app.path) / "templates"]
        for file in folder.rglob("*.html")
    ]
    for name in names:
        get_template(name)
    return len(names)
