"""Where two batches are compared."""

from django.urls import path

from predictions.comparing import views

urlpatterns = [path("batches/<uuid:pk>/compare/", views.batch_compare, name="batch_compare")]
