"""Addresses of the pages to classify."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
