"""Addresses of datasets, training runs and model versions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
