"""Addresses of what programmers read."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from predictions.rest import views

urlpatterns = [
    path("api/", views.api_docs, name="api_docs"),
    path("api/reference/", views.ApiReferenceView.as_view(), name="api_reference"),
    path("api/openapi.yaml", SpectacularAPIView.as_view(), name="api_schema"),
]
