from django.apps import AppConfig
from django.utils.translation import gettext

from meritbook.kit.words import translate_with


class KitConfig(AppConfig):
    name = "meritbook.kit"
    label = "kit"

    def ready(self) -> None:
        translate_with(gettext)
