"""The client's catalogue against a site that runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pandas as pd
import pytest
from django.contrib.auth.models import User
from exoplanet_site_client import ExoplanetSite, SiteError
from exoplanet_site_client import catalogue as client_catalogue
from pytest_django.live_server_helper import LiveServer

from predictions.catalogue.models import CatalogueTable, Signal
from predictions.catalogue.scoring import scores_make
from tests.clients.test_python_client import FOLDER
from tests.predictions.catalogue.conftest import fill, koi, nothing_kept  # noqa: F401 - fixtures
from tests.simulator import simulate
from training.accounts.services import token_create
from training.ml.schema import Mission
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(fill: Callable[..., CatalogueTable], koi: pd.DataFrame) -> None:
    fill(koi)
    fill(simulate(Mission.TESS, 40, 4), "TOI_2025.10.04.csv", Mission.TESS)
    scores_make()


@pytest.fixture
def token(member: User) -> str:
    return token_create(user=member, name="client", scopes=["read"], days=1)[1]


@pytest.fixture
def site(live_server: LiveServer, token: str, filled: None) -> Iterator[ExoplanetSite]:
    with ExoplanetSite(live_server.url, token) as site:
        yield site


def test_the_readmes_ranking_is_what_the_catalogue_lists(
    live_server: LiveServer,
    token: str,
    filled: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EXOPLANET_SITE", live_server.url)
    monkeypatch.setenv("EXOPLANET_TOKEN", token)
    code = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(), re.S)[0]
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README's own
    printed = capsys.readouterr().out.splitlines()
    wanted = Signal.objects.open_candidates().filter(mission="TESS").order_by("-open_score", "-pk")
    names = list(wanted.values_list("name", flat=True)[:20])
    assert len(names) > 3
    assert [line.split()[1] for line in printed[1:]] == names


def test_lists_are_read_page_by_page(site: ExoplanetSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_catalogue, "PAGE", 30)
    told: list[str] = []
    found = site.catalogue.signals("all", sort="name", progress=lambda p: told.append(str(p)))
    assert list(found["name"]) == sorted(Signal.objects.values_list("name", flat=True))
    assert told == ["30 of 100 rows", "60 of 100 rows", "90 of 100 rows", "100 of 100 rows"]
    assert [len(page) for page in site.catalogue.pages("all")] == [30, 30, 30, 10]
    few = site.catalogue.signals("all", sort="-planet_score", limit=35)
    assert len(few) == 35
    assert few["planet_score"].is_monotonic_decreasing


def test_filters_are_those_of_the_site(site: ExoplanetSite) -> None:
    all_of_them = site.catalogue.signals("all")
    found = site.catalogue.signals("all", mission="TESS", period=(2, 20), radius=(None, 8))
    wanted = all_of_them.query("mission == 'TESS' and 2 <= period <= 20 and radius <= 8")
    assert 0 < len(wanted) < 40
    assert set(found["name"]) == set(wanted["name"])
    nothing = site.catalogue.signals("all", q="TOI-99999")
    assert nothing.empty and "open_score" in nothing
    with pytest.raises(SiteError, match="colour"):
        site.catalogue.signals("all", colour="blue")


def test_names_lead_to_signals_and_stars(site: ExoplanetSite) -> None:
    known = Signal.objects.filter(mission="TESS").select_related("star").earliest("name")
    for spelling in (known.slug, known.listed_name, known.name.lower().replace("-", " ")):
        signal = site.catalogue.signal(spelling)
        assert signal.name == known.name, spelling
    assert signal.inputs["orbital_period"] == known.period
    assert signal.facts["disposition"] == known.disposition
    assert list(signal.scores["version"]) == [ModelVersion.objects.active().name]
    star = site.catalogue.star(known.star.name)
    assert known.name in set(star.signals["name"])
    found = site.catalogue.find(known.star.name)
    assert set(found.matches["slug"]) == {known.star.slug}
    with pytest.raises(SiteError, match="None of its signals has the name “TOI-98765") as error:
        site.catalogue.signal("TOI-98765.01")
    assert (error.value.code, error.value.status) == ("no_such_name", 404)


def test_what_tables_changed(
    site: ExoplanetSite,
    fill: Callable[..., CatalogueTable],
    koi: pd.DataFrame,
) -> None:
    assert site.catalogue.changes().empty
    koi.loc[koi.index[0], "koi_disposition"] = "CANDIDATE"
    koi.loc[koi.index[1], "koi_disposition"] = "CONFIRMED"
    fill(koi, "koi_2025.11.04.csv")
    changed = site.catalogue.changes(since="2025-11-01", kind="changed")
    assert 1 <= len(changed) <= 2
    assert set(changed["as_of"]) == {"2025-11-04"}
    tables = site.catalogue.tables().set_index("mission")
    assert tables.loc["Kepler", "as_of"] == "2025-11-04"
    assert tables.loc["TESS", "signals"] == 40


def test_versions_by_name(site: ExoplanetSite) -> None:
    name = ModelVersion.objects.active().name
    assert site.version(name)["name"] == name
    assert site.metrics(name)["test"]
    assert site.compare(name, name)
    with pytest.raises(SiteError) as caught:
        site.version("nothing")
    assert caught.value.status == 404


def test_a_name_with_a_slash_stays_one_part_of_the_address() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return (
            httpx.Response(200, json={"matches": [], "close": [], "sentence": ""})
            if ("find" in asked[-1])
            else httpx.Response(404, json={"error": {"code": "x", "message": "No.", "fields": {}}})
        )

    client = httpx.Client(transport=httpx.MockTransport(answer))
    site = ExoplanetSite("http://site", "t", client=client)
    with pytest.raises(SiteError, match="None of its stars has the name"):
        site.catalogue.star("../x")
    assert asked == ["/api/v1/catalogue/stars/..%2Fx", "/api/v1/catalogue/find?q=..%2Fx"]
