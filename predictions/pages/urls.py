"""Addresses of the first page and of the words of the site."""

from django.urls import path

from predictions.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find_signal, name="find"),
    path("examples.csv", views.examples_table, name="examples_table"),
    path("glossary/", views.glossary, name="glossary"),
]
