"""Addresses of second factors; none is there unless ``SECOND_FACTORS`` is on."""

from django.urls import path

from training.second_factors import views

urlpatterns = [
    path("second-factor/", views.second_factor, name="second_factor"),
    path("second-factors/", views.second_factors, name="second_factors"),
    path("second-factors/codes/", views.codes, name="second_factor_codes"),
    path("second-factors/codes/begin/", views.codes_begin, name="second_factor_codes_begin"),
    path("second-factors/recovery/", views.recovery_codes, name="recovery_codes"),
    path("second-factors/passkeys/begin/", views.passkey_begin, name="passkey_begin"),
    path("second-factors/passkeys/finish/", views.passkey_finish, name="passkey_finish"),
    path("second-factors/off/", views.second_factors_off, name="second_factors_off"),
]
