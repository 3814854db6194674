"""Every address of the site: pages at the root, programs at the root and under /api/v1/."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import urls as auth_urls
from django.urls import URLPattern, include, path
from django.views.generic import RedirectView

from predictions import api_urls as predictions_api_urls
from predictions import urls as predictions_urls
from predictions.batches import api_urls as batch_api_urls
from predictions.catalogue import api_urls as catalogue_api_urls
from predictions.curves import api_urls as curve_api_urls
from predictions.reviewing import api_urls as reviewing_api_urls
from predictions.triage import api_urls as triage_api_urls
from predictions.watching import api_urls as watching_api_urls
from training import api_urls as training_api_urls
from training import urls as training_urls
from training.accounts import urls as account_urls
from training.accounts.views import admin_sign_in
from training.identities import urls as identity_urls
from training.second_factors import urls as second_factor_urls


def either_ending(patterns: list[URLPattern]) -> list[URLPattern]:
    """Programs end an address with a slash or without: what they send cannot be redirected."""
    # The one without comes last, so that it is the one that is made from a name.
    return [
        twin
        for pattern in patterns
        for twin in (
            path(f"{pattern.pattern}/", pattern.callback, pattern.default_args, pattern.name),
            pattern,
        )
    ]


urlpatterns = [
    # Addresses are tried in this order, and programs ask these a hundred times a second.
    path("", include(either_ending(predictions_api_urls.urlpatterns))),
    # Browsers ask for this on pages that name no icon, such as Django's own administration.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg", permanent=True)),
    path("accounts/", include(account_urls)),
    path("accounts/", include(identity_urls)),
    path("accounts/", include(second_factor_urls)),
    path("accounts/", include(auth_urls)),
    path("admin/login/", admin_sign_in, name="admin_sign_in"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(either_ending(batch_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(triage_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(curve_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(catalogue_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(reviewing_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(watching_api_urls.urlpatterns))),
    path("api/v1/", include(either_ending(training_api_urls.urlpatterns))),
    path("api/v1/", include((either_ending(predictions_api_urls.urlpatterns), "api-v1"))),
    path("", include(training_urls)),
    path("", include(predictions_urls)),
]

handler400 = "exoplanet_site.errors.bad_request"
handler403 = "exoplanet_site.errors.permission_denied"
handler404 = "exoplanet_site.errors.page_not_found"
handler500 = "exoplanet_site.errors.server_error"
