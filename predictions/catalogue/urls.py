"""Addresses of the catalogue's pages."""

from django.urls import path

from predictions.catalogue import views

urlpatterns = [
    path("catalogue/", views.catalogue_list, name="catalogue"),
    path("catalogue/nearest/", views.catalogue_nearest, name="catalogue_nearest"),
    path("catalogue/find/", views.catalogue_find_page, name="catalogue_find"),
    path("catalogue/changes/", views.catalogue_changes, name="catalogue_changes"),
    path("catalogue/conflicts/", views.catalogue_conflicts, name="catalogue_conflicts"),
    path("catalogue/signals.<slug:key>", views.catalogue_download, name="catalogue_download"),
    path("catalogue/signals/<str:slug>/", views.catalogue_signal, name="catalogue_signal"),
    path("catalogue/signals/<str:slug>/vary/", views.catalogue_vary, name="catalogue_vary"),
    path("catalogue/stars/<str:slug>/", views.catalogue_star, name="catalogue_star"),
    path("catalogue/charge/<int:pk>/", views.catalogue_charge, name="catalogue_charge"),
]
