"""Addresses to sign in with accounts elsewhere; none is there where none is set up."""

from django.urls import path

from training.identities import views

urlpatterns = [
    path("with/<slug:key>/", views.identity_begin, name="identity_begin"),
    path("with/<slug:key>/back/", views.identity_return, name="identity_return"),
    path("with/<slug:key>/connect/", views.identity_connect, name="identity_connect"),
    path("identities/<int:pk>/disconnect/", views.identity_disconnect, name="identity_disconnect"),
]
