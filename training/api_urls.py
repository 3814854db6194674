"""Addresses for programs, mounted under /api/v1/."""

from django.urls import path

from training.datasets import api as datasets
from training.runs import api as runs
from training.versions import api as versions

urlpatterns = [
    path("datasets", datasets.DatasetListView.as_view(), name="api_dataset_list"),
    path("datasets/<int:pk>", datasets.DatasetView.as_view(), name="api_dataset"),
    path("training-runs", runs.TrainingRunListView.as_view(), name="api_training_run_list"),
    path("training-runs/<int:pk>", runs.TrainingRunView.as_view(), name="api_training_run"),
    path(
        "training-runs/<int:pk>/cancel",
        runs.TrainingRunCancelView.as_view(),
        name="api_training_run_cancel",
    ),
    path("model-versions", versions.ModelVersionListView.as_view(), name="api_model_version_list"),
    path(
        "model-versions/roll-back",
        versions.ModelVersionRollBackView.as_view(),
        name="api_model_version_roll_back",
    ),
    path(
        "model-versions/<str:name>", versions.ModelVersionView.as_view(), name="api_model_version"
    ),
    path(
        "model-versions/<str:name>/metrics",
        versions.ModelVersionMetricsView.as_view(),
        name="api_model_version_metrics",
    ),
    path(
        "model-versions/<str:name>/compare",
        versions.ModelVersionCompareView.as_view(),
        name="api_model_version_compare",
    ),
    path(
        "model-versions/<str:name>/activate",
        versions.ModelVersionActivateView.as_view(),
        name="api_model_version_activate",
    ),
    path(
        "model-versions/<str:name>/artifact",
        versions.ModelVersionArtifactView.as_view(),
        name="api_model_version_artifact",
    ),
]
