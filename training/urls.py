"""Addresses of datasets, training runs and model versions."""

from django.urls import path

from training.datasets import views as datasets
from training.runs import views as training_runs
from training.versions import views as model_versions

urlpatterns = [
    path("datasets/", datasets.dataset_list, name="dataset_list"),
    path("datasets/upload/", datasets.dataset_upload_page, name="dataset_upload"),
    path("datasets/map/", datasets.dataset_map, name="dataset_map"),
    path("datasets/fetch/", datasets.dataset_fetch_page, name="dataset_fetch"),
    path("datasets/<int:pk>/", datasets.dataset_detail, name="dataset_detail"),
    path("datasets/<int:pk>/progress/", datasets.dataset_progress, name="dataset_progress"),
    path("datasets/<int:pk>/file/", datasets.dataset_file, name="dataset_file"),
    path("datasets/<int:pk>/archive/", datasets.dataset_archive_page, name="dataset_archive"),
    path("training-runs/", training_runs.training_run_list, name="training_run_list"),
    path("training-runs/new/", training_runs.training_run_create, name="training_run_create"),
    path("training-runs/<int:pk>/", training_runs.training_run_detail, name="training_run_detail"),
    path(
        "training-runs/<int:pk>/progress/",
        training_runs.training_run_progress,
        name="training_run_progress",
    ),
    path(
        "training-runs/<int:pk>/cancel/",
        training_runs.training_run_cancel_page,
        name="training_run_cancel",
    ),
    path("model-versions/", model_versions.model_version_list, name="model_version_list"),
    path(
        "model-versions/roll-back/",
        model_versions.model_version_roll_back,
        name="model_version_roll_back",
    ),
    path(
        "model-versions/figures/",
        model_versions.model_version_figures,
        name="model_version_figures",
    ),
    path(
        "model-versions/<str:name>/",
        model_versions.model_version_detail,
        name="model_version_detail",
    ),
    path(
        "model-versions/<str:name>/card/",
        model_versions.model_version_card,
        name="model_version_card",
    ),
    path(
        "model-versions/<str:name>/plots/<slug:plot>.png",
        model_versions.model_version_plot,
        name="model_version_plot",
    ),
    path(
        "model-versions/<str:name>/compare/",
        model_versions.model_version_compare,
        name="model_version_compare",
    ),
    path(
        "model-versions/<str:name>/activate/",
        model_versions.model_version_activate,
        name="model_version_activate",
    ),
    path(
        "model-versions/<str:name>/notes/",
        model_versions.model_version_notes,
        name="model_version_notes",
    ),
    path(
        "model-versions/<str:name>/name/",
        model_versions.model_version_name,
        name="model_version_name",
    ),
    path(
        "model-versions/<str:name>/delete/",
        model_versions.model_version_delete,
        name="model_version_delete",
    ),
    path(
        "model-versions/<str:name>/artifact/",
        model_versions.model_version_artifact,
        name="model_version_artifact",
    ),
]
