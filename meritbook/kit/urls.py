"""Addresses of kit: the style page, in development only."""

from django.conf import settings
from django.urls import path

from meritbook.kit import views

urlpatterns = [path("style/", views.style, name="style")] if settings.DEBUG else []
