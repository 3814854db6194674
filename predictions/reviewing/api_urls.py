"""Addresses of the review queue for programs, under /api/v1/ only."""

from django.urls import path

from predictions.reviewing import api

urlpatterns = [
    path("reviewing/queue", api.ReviewQueueView.as_view(), name="review_queue_api"),
    path("reviewing/agreement", api.ReviewAgreementView.as_view(), name="review_agreement_api"),
    path("reviewing/signals/<str:slug>", api.ReviewSignalView.as_view(), name="review_signal_api"),
    path("reviewing/signals/<str:slug>/vote", api.ReviewVoteView.as_view(), name="review_vote_api"),
]
