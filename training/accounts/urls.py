"""Addresses of accounts, beside Django's own for signing in and passwords."""

from django.urls import path

from training.accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.token_list, name="token_list"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("sign-up/", views.sign_up, name="sign_up"),
    path("invitations/", views.invitation_list, name="invitation_list"),
    path("audit/", views.audit_log, name="audit_log"),
]
