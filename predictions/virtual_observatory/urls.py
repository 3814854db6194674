"""Addresses for programs of the Virtual Observatory; the names are those that its standards use."""

from django.urls import path

from predictions.virtual_observatory import api

urlpatterns = [
    path("vo/conesearch", api.ConeSearchView.as_view(), name="vo_cone_search"),
    path("vo/capabilities", api.CapabilitiesView.as_view(), name="vo_capabilities"),
    path("vo/availability", api.AvailabilityView.as_view(), name="vo_availability"),
]
