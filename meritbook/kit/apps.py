from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "meritbook.kit"
    label = "kit"
