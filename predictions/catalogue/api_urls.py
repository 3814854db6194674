"""Addresses of the catalogue for programs, under /api/v1/ only."""

from django.urls import path

from predictions.catalogue import api
from predictions.catalogue.others import api as others

urlpatterns = [
    path("catalogue/tables", api.CatalogueTablesView.as_view(), name="catalogue_tables_api"),
    path("catalogue/signals", api.CatalogueSignalsView.as_view(), name="catalogue_signals_api"),
    path(
        "catalogue/signals/<str:slug>",
        api.CatalogueSignalView.as_view(),
        name="catalogue_signal_api",
    ),
    path("catalogue/stars/<str:slug>", api.CatalogueStarView.as_view(), name="catalogue_star_api"),
    path("catalogue/lists", others.OtherListsView.as_view(), name="catalogue_lists_api"),
    path(
        "catalogue/lists/<slug:key>/<str:slug>",
        others.OtherSignalView.as_view(),
        name="catalogue_list_signal_api",
    ),
    path("catalogue/twins", api.CatalogueTwinsView.as_view(), name="catalogue_twins_api"),
    path("catalogue/find", api.CatalogueFindView.as_view(), name="catalogue_find_api"),
    path("catalogue/changes", api.CatalogueChangesView.as_view(), name="catalogue_changes_api"),
]
