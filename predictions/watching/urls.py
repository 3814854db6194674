"""Addresses of watching."""

from django.urls import path

from predictions.watching import views

urlpatterns = [
    path("watching/", views.watching, name="watching"),
    path("watching/add/", views.watch_create, name="watch_create"),
    path("watching/<int:pk>/", views.watch_change, name="watch_change"),
    path("watching/<int:pk>/stop/", views.watch_stop, name="watch_stop"),
    path("watching/mail/", views.mail_set, name="watching_mail"),
    path("watching/unsubscribe/", views.unsubscribe, name="watching_unsubscribe"),
    path("watching/feed.atom", views.feed, name="watching_feed"),
    path("watching/feed/renew/", views.feed_renew, name="watching_feed_renew"),
    path("watching/webhooks/", views.webhook_create, name="webhook_create"),
    path("watching/webhooks/<uuid:hook>/delete/", views.webhook_delete, name="webhook_delete"),
    path("watching/webhooks/<uuid:hook>/test/", views.webhook_test, name="webhook_test"),
    path("watching/webhooks/<uuid:hook>/resume/", views.webhook_resume, name="webhook_resume"),
    path("watching/deliveries/", views.delivery_list, name="delivery_list"),
    path(
        "watching/deliveries/<uuid:delivery>/again/",
        views.delivery_again_view,
        name="delivery_again",
    ),
]
