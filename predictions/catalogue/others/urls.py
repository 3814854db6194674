"""Addresses of the pages of lists that are no mission's."""

from django.urls import path

from predictions.catalogue.others import views

_LIST = "catalogue/lists/<slug:key>"
urlpatterns = [
    path("catalogue/lists/", views.catalogue_other_lists, name="catalogue_other_lists"),
    path("catalogue/lists/join/<int:pk>/", views.catalogue_other_join, name="catalogue_other_join"),
    path(f"{_LIST}/", views.catalogue_other_list, name="catalogue_other_list"),
    path(f"{_LIST}/remove/", views.catalogue_other_remove, name="catalogue_other_remove"),
    path(f"{_LIST}/<str:slug>/", views.catalogue_other_signal, name="catalogue_other_signal"),
    path(f"{_LIST}/<str:slug>/vary/", views.catalogue_other_vary, name="catalogue_other_vary"),
]
