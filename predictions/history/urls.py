"""Where one finds again what one has classified."""

from django.urls import path

from predictions.history import views

urlpatterns = [
    path("predictions/", views.prediction_list, name="prediction_list"),
    path("predictions/predictions.csv", views.prediction_list_csv, name="prediction_list_csv"),
    path("predictions/delete/", views.prediction_delete, name="prediction_delete"),
    path("predictions/label/", views.prediction_label, name="prediction_label"),
    path("predictions/views/", views.view_list, name="view_list"),
    path("predictions/views/<int:pk>/", views.view_rename, name="view_rename"),
    path("predictions/views/<int:pk>/delete/", views.view_delete, name="view_delete"),
]
