"""Addresses for programs, mounted under /api/v1/."""

from django.urls import path

from training import api

urlpatterns = [
    path("datasets", api.DatasetListView.as_view(), name="api_dataset_list"),
    path("datasets/<int:pk>", api.DatasetView.as_view(), name="api_dataset"),
    path("training-runs", api.TrainingRunListView.as_view(), name="api_training_run_list"),
    path("training-runs/<int:pk>", api.TrainingRunView.as_view(), name="api_training_run"),
    path("training-runs/<int:pk>/cancel", api.TrainingRunCancelView.as_view(), name="api_training_run_cancel"),
    path("model-versions", api.ModelVersionListView.as_view(), name="api_model_version_list"),
    path("model-versions/roll-back", api.ModelVersionRollBackView.as_view(), name="api_model_version_roll_back"),
    path("model-versions/<str:name>", api.ModelVersionView.as_view(), name="api_model_version"),
    path("model-versions/<str:name>/metrics", api.ModelVersionMetricsView.as_view(), name="api_model_version_metrics"),
    path("model-versions/<str:name>/compare", api.ModelVersionCompareView.as_view(), name="api_model_version_compare"),
    path(
        "model-versions/<str:name>/activate", api.ModelVersionActivateView.as_view(), name="api_model_version_activate"
    ),
    path(
        "model-versions/<str:name>/artifact", api.ModelVersionArtifactView.as_view(), name="api_model_version_artifact"
    ),
]
