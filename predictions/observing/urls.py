"""Addresses of the pages to observe by."""

from django.urls import path

from predictions.observing import views

urlpatterns = [
    path("catalogue/tonight/", views.tonight, name="tonight"),
    path("catalogue/tonight.csv", views.tonight_download, {"key": "csv"}, name="tonight_csv"),
    path("catalogue/tonight.ics", views.tonight_download, {"key": "ics"}, name="tonight_ics"),
]
