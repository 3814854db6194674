"""Addresses of watching for programs, under /api/v1/ only."""

from django.urls import path

from predictions.watching import api

urlpatterns = [
    path("watching/watches", api.WatchesView.as_view(), name="watches_api"),
    path("watching/watches/<int:pk>", api.WatchView.as_view(), name="watch_api"),
    path("watching/news", api.NewsView.as_view(), name="watching_news_api"),
    path("watching/feed", api.FeedView.as_view(), name="watching_feed_api"),
    path("watching/mail", api.MailView.as_view(), name="watching_mail_api"),
    path("watching/webhooks", api.WebhooksView.as_view(), name="webhooks_api"),
    path("watching/webhooks/<uuid:hook>", api.WebhookView.as_view(), name="webhook_api"),
    path(
        "watching/webhooks/<uuid:hook>/test", api.WebhookTestView.as_view(), name="webhook_test_api"
    ),
    path("watching/deliveries", api.DeliveriesView.as_view(), name="deliveries_api"),
]
