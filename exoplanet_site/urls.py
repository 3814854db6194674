"""Every address of the site: pages at the root, programs at the root and under /api/v1/."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import urls as auth_urls
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from predictions import api_docs, batch_api_urls
from predictions import api_urls as predictions_api_urls
from predictions import urls as predictions_urls
from training import api_urls as training_api_urls
from training import urls as training_urls
from training.accounts import urls as account_urls

urlpatterns = [
    # Browsers ask for this on pages that name no icon, such as Django's own administration.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg", permanent=True)),
    path("accounts/", include(account_urls)),
    path("accounts/", include(auth_urls)),
    path("admin/", admin.site.urls),
    path("api/", api_docs.api_docs, name="api_docs"),
    path("api/reference/", api_docs.ApiReferenceView.as_view(), name="api_reference"),
    path("api/openapi.yaml", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/", include(batch_api_urls)),
    path("api/v1/", include(training_api_urls)),
    path("api/v1/", include((predictions_api_urls.urlpatterns, "api-v1"))),
    path("", include(predictions_api_urls)),
    path("", include(training_urls)),
    path("", include(predictions_urls)),
]

handler400 = "exoplanet_site.errors.bad_request"
handler403 = "exoplanet_site.errors.permission_denied"
handler404 = "exoplanet_site.errors.page_not_found"
handler500 = "exoplanet_site.errors.server_error"
