"""Addresses for programs, mounted at the root and under /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
