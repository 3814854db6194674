"""Where rows are kept, rejected and noted."""

from django.urls import path

from predictions.triage import views

urlpatterns = [
    path("batches/kept/", views.row_kept_list, name="row_kept_list"),
    path("batches/<uuid:pk>/nearest/", views.batch_nearest, name="batch_nearest"),
    path("batches/<uuid:pk>/rows/<int:row>/mark/", views.row_mark, name="row_mark"),
]
