"""The address of the simulated example."""

from django.urls import path

from predictions.demo import views

urlpatterns = [path("demo/", views.demo, name="demo")]
