"""Addresses of accounts, before Django's own: what those do here as well is in the audit trail."""

from django.urls import path

from training.accounts import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("signed-in/", views.SignedInView.as_view(), name="signed_in"),
    path("password_change/", views.PasswordChange.as_view(), name="password_change"),
    path("password_reset/", views.PasswordReset.as_view(), name="password_reset"),
    path(
        "reset/<uidb64>/<token>/",
        views.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.token_list, name="token_list"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("sign-up/", views.sign_up, name="sign_up"),
    path("invitations/", views.invitation_list, name="invitation_list"),
    path("audit/", views.audit_log, name="audit_log"),
]
