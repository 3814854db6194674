"""Addresses of the pages where people vote."""

from django.urls import path

from predictions.reviewing import views

urlpatterns = [
    path("reviewing/", views.review_queue, name="review_queue"),
    path("reviewing/next/", views.review_next, name="review_next"),
    path("reviewing/agreement/", views.review_agreement, name="review_agreement"),
    path("reviewing/agreed/", views.review_agreed, name="review_agreed"),
    path("reviewing/signals/<str:slug>/", views.review_signal, name="review_signal"),
]
