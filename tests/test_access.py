"""Every address × every role: what is not yours is not there, what is not for your role is refused.

An address that is not in this table fails the test: whoever adds one says here for whom it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import Settings

from predictions.batches.models import Batch
from predictions.catalogue.models import CatalogueTable, Signal, Star
from predictions.catalogue.others.models import OtherList, OtherSignal, OtherTable
from predictions.curves.folders.models import CurveFolder
from predictions.models import Prediction, SavedView
from predictions.signals.services import prediction_create, signal_classify
from predictions.watching.models import Delivery
from predictions.watching.services import watch_create, webhook_create
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.predictions.curves.searches import make_search
from training.accounts.services import token_create
from training.identities.models import ExternalIdentity
from training.ml.inputs import parse_signal
from training.models import Dataset, ModelVersion, TrainingRun

pytestmark = pytest.mark.django_db

ANYBODY, SIGNED_IN, OWNER, CURATOR, ADMINISTRATOR, INVITED = (
    "anybody",
    "signed in",
    "owner",
    "curator",
    "admin",
    "link",
)
READERS = "all signed in to read, curators to write"

ROUTES = {
    ANYBODY: (
        """
        favicon.ico  accounts/login/  accounts/password_reset/  accounts/password_reset/done/
        accounts/reset/<uidb64>/<token>/  accounts/reset/done/  glossary/
        api/reference/  api/openapi.yaml  accounts/logout/
        accounts/with/<slug:key>/  accounts/with/<slug:key>/back/
        watching/feed.atom  watching/unsubscribe/
        accounts/with/<slug:key>/  accounts/with/<slug:key>/back/  accounts/second-factor/
    """
    ),
    SIGNED_IN: (
        """
        /  classify/  model/  model/<str:version>/<slug:plot>.svg
        accounts/with/<slug:key>/connect/
        accounts/second-factors/  accounts/second-factors/codes/
        accounts/second-factors/codes/begin/  accounts/second-factors/recovery/
        accounts/second-factors/passkeys/begin/  accounts/second-factors/passkeys/finish/
        accounts/second-factors/off/
        vo/conesearch  vo/capabilities  vo/availability
        model/time-machine/  model/time-machine/open-signals.csv
        accounts/password_change/  accounts/password_change/done/
        accounts/profile/  accounts/tokens/  accounts/signed-in/
        api/  api/v1/batches  api/v1/batches/preview  api/v1/predict  api/v1/predict_batch
        api/v1/model/metrics  predict  predict_batch  model/metrics
        model-versions/  model-versions/<str:name>/  model-versions/<str:name>/compare/
        model-versions/figures/
        model-versions/<str:name>/card/  model-versions/<str:name>/plots/<slug:plot>.png
        find/  examples.csv
        predictions/  predictions/predictions.csv  predictions/delete/  predictions/label/
        predictions/views/
        known-signals/<str:version>.svg
        batches/  batches/new/  batches/template.csv  batches/kept/
        curves/  curves/new/  api/v1/curves
        curves/folders/new/  api/v1/curves/folders
        catalogue/  catalogue/find/  catalogue/changes/  catalogue/conflicts/
        catalogue/nearest/
        catalogue/signals.<slug:key>
        catalogue/signals/<str:slug>/  catalogue/signals/<str:slug>/vary/
        catalogue/stars/<str:slug>/
        catalogue/lists/  catalogue/lists/<slug:key>/  catalogue/lists/<slug:key>/<str:slug>/
        catalogue/lists/<slug:key>/<str:slug>/vary/
        api/v1/catalogue/lists  api/v1/catalogue/lists/<slug:key>/<str:slug>
        api/v1/catalogue/tables  api/v1/catalogue/signals  api/v1/catalogue/signals/<str:slug>
        api/v1/catalogue/stars/<str:slug>  api/v1/catalogue/find  api/v1/catalogue/changes
        api/v1/catalogue/twins
        catalogue/tonight/  catalogue/tonight.csv  catalogue/tonight.ics
        catalogue/filling/  catalogue/filling/live/
        reviewing/  reviewing/next/  reviewing/agreement/  reviewing/signals/<str:slug>/
        api/v1/reviewing/queue  api/v1/reviewing/agreement
        api/v1/reviewing/signals/<str:slug>  api/v1/reviewing/signals/<str:slug>/vote
        watching/  watching/add/  watching/mail/  watching/feed/renew/  watching/webhooks/
        watching/deliveries/
        api/v1/watching/watches  api/v1/watching/news  api/v1/watching/feed  api/v1/watching/mail
        api/v1/watching/webhooks  api/v1/watching/deliveries
    """
    ),
    READERS: (
        """
        api/v1/model-versions  api/v1/model-versions/<str:name>
        api/v1/model-versions/<str:name>/metrics  api/v1/model-versions/<str:name>/compare
    """
    ),
    OWNER: (
        """
        accounts/tokens/<int:pk>/revoke/  accounts/identities/<int:pk>/disconnect/
        api/v1/batches/<uuid:pk>  api/v1/batches/<uuid:pk>/cancel  api/v1/batches/<uuid:pk>/resume
        api/v1/batches/<uuid:pk>/results/<slug:key>
        api/v1/batches/<uuid:pk>/marks  api/v1/batches/<uuid:pk>/rows/<int:row>/mark
        predictions/<uuid:key>/  predictions/<uuid:key>.json  predictions/<uuid:key>/waterfall.png
        predictions/<uuid:key>/edit/  predictions/<uuid:key>/share/  predictions/<uuid:key>/again/
        predictions/<uuid:key>/what-if/
        predictions/views/<int:pk>/  predictions/views/<int:pk>/delete/
        batches/<uuid:pk>/  batches/<uuid:pk>/check/  batches/<uuid:pk>/progress/
        batches/<uuid:pk>/rows/<int:row>/  batches/<uuid:pk>/plots/<slug:figure>.svg
        batches/<uuid:pk>/download/<slug:key>/  batches/<uuid:pk>/cancel/  batches/<uuid:pk>/resume/
        batches/<uuid:pk>/share/  batches/<uuid:pk>/delete/  batches/<uuid:pk>/nearest/
        batches/<uuid:pk>/rows/<int:row>/mark/
        batches/<uuid:pk>/compare/
        curves/<uuid:pk>/  curves/<uuid:pk>/check/  curves/<uuid:pk>/progress/
        curves/<uuid:pk>/cancel/  curves/<uuid:pk>/restart/  curves/<uuid:pk>/again/
        curves/<uuid:pk>/delete/  curves/<uuid:pk>/light.csv  curves/<uuid:pk>/signals.csv
        curves/<uuid:pk>/plots/<slug:figure>.svg
        curves/<uuid:pk>/share/
        api/v1/curves/<uuid:pk>  api/v1/curves/<uuid:pk>/cancel  api/v1/curves/<uuid:pk>/again
        curves/folders/<uuid:folder_id>/  curves/folders/<uuid:folder_id>/progress/
        curves/folders/<uuid:folder_id>/cancel/  curves/folders/<uuid:folder_id>/resume/
        curves/folders/<uuid:folder_id>/delete/
        api/v1/curves/folders/<uuid:folder_id>  api/v1/curves/folders/<uuid:folder_id>/cancel
        api/v1/curves/folders/<uuid:folder_id>/resume
        watching/<int:pk>/  watching/<int:pk>/stop/
        watching/webhooks/<uuid:hook>/delete/  watching/webhooks/<uuid:hook>/test/
        watching/webhooks/<uuid:hook>/resume/  watching/deliveries/<uuid:delivery>/again/
        api/v1/watching/watches/<int:pk>  api/v1/watching/webhooks/<uuid:hook>
        api/v1/watching/webhooks/<uuid:hook>/test
    """
    ),
    CURATOR: (
        """
        datasets/  datasets/upload/  datasets/map/  datasets/fetch/  datasets/<int:pk>/
        datasets/<int:pk>/progress/  datasets/<int:pk>/file/  datasets/<int:pk>/archive/
        catalogue/charge/<int:pk>/  catalogue/filling/start/  catalogue/filling/cancel/
        catalogue/lists/join/<int:pk>/  catalogue/lists/<slug:key>/remove/
        reviewing/agreed/
        training-runs/  training-runs/new/  training-runs/<int:pk>/
        training-runs/<int:pk>/progress/  training-runs/<int:pk>/cancel/
        model-versions/roll-back/  model-versions/<str:name>/activate/
        model-versions/<str:name>/notes/  model-versions/<str:name>/delete/
        model-versions/<str:name>/artifact/  model-versions/<str:name>/name/
        api/v1/datasets  api/v1/datasets/<int:pk>  api/v1/training-runs
        api/v1/training-runs/<int:pk>  api/v1/training-runs/<int:pk>/cancel
        api/v1/model-versions/roll-back  api/v1/model-versions/<str:name>/activate
        api/v1/model-versions/<str:name>/artifact
    """
    ),
    ADMINISTRATOR: "accounts/invitations/  accounts/audit/  demo/",
    INVITED: "accounts/sign-up/",
}
# Let in, one finds nothing here: no mission was named; a table that was refused is not handed out;
# no plots were drawn of this version; no provider is set up; a feed
# has its key in the address.
EMPTY = {
    "accounts/with/<slug:key>/",
    "accounts/with/<slug:key>/back/",
    "accounts/with/<slug:key>/connect/",
    "watching/feed.atom",
    "datasets/fetch/",
    "datasets/<int:pk>/file/",
    "model-versions/<str:name>/plots/<slug:plot>.png",
}
ONCE = {route: audience for audience, routes in ROUTES.items() for route in routes.split()}
# Programs end an address with a slash or without.
AUDIENCE = ONCE | {
    f"{route}/": audience
    for route, audience in ONCE.items()
    if route.startswith("api/v1/") or route in ("predict", "predict_batch", "model/metrics")
}
ROLES = {
    "nobody": {ANYBODY},
    "stranger": {ANYBODY, READERS, SIGNED_IN},
    "owner": {ANYBODY, READERS, SIGNED_IN, OWNER},
    "curator": {ANYBODY, READERS, SIGNED_IN, CURATOR},
    "administrator": {
        ANYBODY,
        READERS,
        SIGNED_IN,
        CURATOR,
        ADMINISTRATOR,
    },  # not the owner: colleagues' work is theirs
}
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {OWNER: 404, CURATOR: 403, ADMINISTRATOR: 403, INVITED: 403}


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith("admin/"):
            continue  # Django's own, which knows staff only; tested below
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route or "/"


@dataclass(frozen=True)
class Things:
    """One of each kind of object, all of them the owner's."""

    owner: User
    parts: dict[str, str]

    def address(self, route: str) -> str:
        kind = "grant" if "tokens" in route else route.removeprefix("api/v1/").split("/")[0]
        for part, value in {
            **self.parts,
            "<int:pk>": self.parts.get(kind, ""),
            "<uuid:pk>": self.parts["curves" if kind == "curves" else "batches"],
            "<slug:figure>": self.parts["plot of curves" if kind == "curves" else "<slug:figure>"],
        }.items():
            route = route.replace(part, value) if part.startswith("<") else route
        return f"/{route.removeprefix('/')}"


@pytest.fixture
def things(make_batch: Callable[..., Batch], make_user: Callable[..., User]) -> Things:
    owner = make_user("owner")
    return Things(owner, one_of_each(owner, str(make_batch(owner=owner, done=True).pk)))


def one_of_each(owner: User, batch: str) -> dict[str, str]:
    """What stands for each part of an address, as far as it is not there yet: made for the owner
    of ``batch``."""
    raw = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}
    verdict = signal_classify(parse_signal(raw))
    prediction: Prediction = prediction_create(
        user=owner, raw=raw, verdict=verdict, identifier="", note=""
    )
    grant, _ = token_create(user=owner, name="hers", scopes=["read"], days=7)
    version = ModelVersion.objects.active()
    dataset = Dataset.objects.create(
        name="t.csv",
        source="upload",
        status="REFUSED",
        created_at=timezone.now(),
        created_by=owner,
        sha256="0" * 64,
        file=default_storage.save("datasets/t.csv", ContentFile(b"koi_period\n1\n")),
    )
    identity = ExternalIdentity.objects.create(
        user=owner, provider="orcid", issuer="https://orcid.org", subject="0000-0002-1825-0097"
    )
    view = SavedView.objects.create(owner=owner, page="history", name="mine", query="q=x")
    run = TrainingRun.objects.create(created_at=timezone.now(), created_by=owner)
    signal = catalogue_signal(dataset)
    slug = signal.slug
    other_signal(dataset, signal)
    watch, _ = watch_create(user=owner, signal=signal)
    hook, _ = webhook_create(user=owner, address="https://example.org/hook")
    delivery = Delivery.objects.create(owner=owner, webhook=hook, status="FAILED")
    return {
        "watching": str(watch.pk),
        "<uuid:hook>": str(hook.pk),
        "<uuid:delivery>": str(delivery.uid),
        "<str:slug>": slug,
        "catalogue": str(dataset.pk),
        "<uuid:key>": str(prediction.pk),
        "batches": batch,
        "curves": str(make_search(owner).pk),
        "<uuid:folder_id>": str(CurveFolder.objects.create(owner=owner, name="sector").pk),
        "<str:name>": version.name,
        "<str:version>": version.name,
        "<slug:plot>": "importance",
        "grant": str(grant.pk),
        "accounts": str(identity.pk),
        "predictions": str(view.pk),
        "datasets": str(dataset.pk),
        "training-runs": str(run.pk),
        "<int:row>": "1",
        "<slug:key>": "csv",
        "<slug:figure>": "scores",
        "plot of curves": "folded",
        "<uidb64>": "MQ",
        "<token>": "set-password",
    }


def catalogue_signal(dataset: Dataset) -> Signal:
    """One signal and its star, under one name in their addresses."""
    table = CatalogueTable.objects.create(
        mission="TESS", dataset=dataset, as_of=date(2025, 10, 4), status="READY", is_first=True
    )
    star = Star.objects.create(name="TIC 1", slug="TOI-101.01", ra=10.0, dec=20.0)
    inputs = {
        "mission": "TESS",
        "orbital_period": 3.5,
        "transit_duration": 2.5,
        "transit_depth": 1200.0,
    }
    return Signal.objects.create(
        mission="TESS",
        name="TOI-101.01",
        listed_name="101.01",
        slug="TOI-101.01",
        star=star,
        period=3.5,
        inputs=inputs,
        disposition="CANDIDATE",
        first_table=table,
        last_table=table,
    )


def other_signal(dataset: Dataset, signal: Signal) -> OtherSignal:
    """The same of a list that is no mission's, under the name that stands for a key."""
    mine = OtherList.objects.create(
        name="csv", slug="csv", mission="TESS", source="https://example.org", citation="A. B. 2026"
    )
    table = OtherTable.objects.create(
        list=mine, dataset=dataset, as_of=date(2025, 10, 4), status="READY", is_current=True
    )
    return OtherSignal.objects.create(
        list=mine,
        mission="TESS",
        name=signal.name,
        listed_name=signal.listed_name,
        slug=signal.slug,
        star=signal.star,
        period=signal.period,
        inputs=signal.inputs,
        first_table=table,
        last_table=table,
    )


def test_every_address_is_in_the_table() -> None:
    found = set(routes(get_resolver().url_patterns))
    assert len(found) > 70
    assert found == set(AUDIENCE), "say in ROUTES for whom a new address is"


def ask(client: Client, method: str, address: str) -> Any:
    """The answer, and afterwards everything is as before."""
    with transaction.atomic():
        answer = getattr(client, method)(address, headers={"accept": "application/json, text/html"})
        transaction.set_rollback(True)
    return answer


def wrong(role: str, audience: str, statuses: dict[str, int], to_login: bool) -> bool:
    """Is anything of this not as it should be?
    405 says only that the address knows another method."""
    told = set(statuses.values()) - {405}
    if audience == INVITED:
        return told != {403}
    if audience == READERS and role in ("stranger", "owner"):
        return statuses["get"] not in (200, 400) or statuses["post"] not in (403, 405)
    if audience in ROLES[role]:
        return not told or bool(told & {401, 403, 404, 500}) or (to_login and role != "nobody")
    if role == "nobody":
        return not (told == {401} or (told == {302} and to_login))
    return told != {REFUSED[audience]}


@pytest.mark.parametrize("role", ROLES)
def test_access(
    role: str, things: Things, make_user: Callable[..., User], settings: Settings
) -> None:
    settings.SIGN_UP, settings.SECOND_FACTORS = "invitation", True
    client, found = Client(), []
    people = {"owner": things.owner}
    for route, audience in AUDIENCE.items():
        if role != "nobody":
            if role not in people:
                people[role] = make_user(role, {"stranger": "member"}.get(role, role))
            client.force_login(people[role])
        answers = {method: ask(client, method, things.address(route)) for method in METHODS}
        statuses = {method: answer.status_code for method, answer in answers.items()}
        to_login = any(
            "/accounts/login/?next=" in answer.get("Location", "") for answer in answers.values()
        )
        if route in EMPTY and audience in ROLES[role]:
            statuses = {
                method: 200 if status == 404 else status for method, status in statuses.items()
            }
        if wrong(role, audience, statuses, to_login):
            found.append((route, audience, statuses))
    assert found == []


def test_what_is_shared_can_be_read_and_not_changed(things: Things, member_client: Client) -> None:
    Prediction.objects.update(shared=True)
    Batch.objects.update(shared=True)
    batch, prediction = things.parts["batches"], things.parts["<uuid:key>"]
    for address in (
        f"/predictions/{prediction}/",
        f"/batches/{batch}/",
        f"/api/v1/batches/{batch}",
    ):
        assert member_client.get(address).status_code == 200, address
    for address in (
        f"/predictions/{prediction}/edit/",
        f"/predictions/{prediction}/share/",
        f"/batches/{batch}/delete/",
        f"/batches/{batch}/share/",
        f"/batches/{batch}/cancel/",
        f"/api/v1/batches/{batch}/cancel",
        f"/api/v1/batches/{batch}/resume",
    ):
        assert member_client.post(address).status_code == 404, address
    assert member_client.delete(f"/api/v1/batches/{batch}").status_code == 404
    assert member_client.get("/predictions/predictions.csv").getvalue().count(b"\n") <= 1


def test_djangos_administration_knows_staff_only(
    curator_client: Client, administrator_client: Client
) -> None:
    assert curator_client.get("/admin/").status_code == 302
    assert administrator_client.get("/admin/").status_code == 200


def test_what_is_not_yours_looks_like_what_is_not_there(
    things: Things, member_client: Client
) -> None:
    headers = {"accept": "application/json"}
    hers = member_client.get(f"/predictions/{things.parts['<uuid:key>']}/", headers=headers)
    none = member_client.get("/predictions/00000000-0000-4000-8000-000000000000/", headers=headers)
    assert (hers.status_code, hers.content) == (none.status_code, none.content)
