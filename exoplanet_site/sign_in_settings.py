"""Who may sign in by what, read from the environment."""

from __future__ import annotations

from typing import Any, Final

PASSWORD_VALIDATORS: Final = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]


def identity_providers(env: Any) -> dict[str, dict[str, str]]:
    """OpenID Connect: one provider of the institution, and ORCID; each only where it is given."""
    found = {
        "institution": {
            "name": env.str("OIDC_NAME", default="your institution"),
            "issuer": env.str("OIDC_ISSUER", default="").strip().rstrip("/"),
            "client_id": env.str("OIDC_CLIENT_ID", default="").strip(),
            "client_secret": env.str("OIDC_CLIENT_SECRET", default="").strip(),
            "scope": env.str("OIDC_SCOPE", default="openid profile email"),
        },
        "orcid": {
            "name": "ORCID",
            "issuer": env.str("ORCID_ISSUER", default="https://orcid.org").strip().rstrip("/"),
            "client_id": env.str("ORCID_CLIENT_ID", default="").strip(),
            "client_secret": env.str("ORCID_CLIENT_SECRET", default="").strip(),
            "scope": "openid",
        },
    }
    return {key: one for key, one in found.items() if one["issuer"] and one["client_id"]}
