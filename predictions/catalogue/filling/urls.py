"""Addresses of the page that fills the catalogue."""

from django.urls import path

from predictions.catalogue.filling import views

urlpatterns = [
    path("catalogue/filling/", views.catalogue_filling, name="catalogue_filling"),
    path("catalogue/filling/live/", views.catalogue_filling_live, name="catalogue_filling_live"),
    path("catalogue/filling/start/", views.catalogue_fill, name="catalogue_fill"),
    path("catalogue/filling/cancel/", views.catalogue_fill_cancel, name="catalogue_fill_cancel"),
]
