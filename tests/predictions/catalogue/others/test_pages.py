"""Pages, files, API and command of lists that are no mission's."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.io.votable import parse
from astropy.table import Table
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from predictions.catalogue.finding import catalogue_find
from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherList, OtherSignal, OtherTable
from predictions.catalogue.others.services import other_table_execute
from predictions.watching.models import Watch
from tests.predictions.catalogue.conftest import upload
from tests.predictions.catalogue.others.conftest import CTOI
from tests.predictions.catalogue.test_pages import LIST_QUERIES, SIGNAL_QUERIES
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db
SIGNALS = "/api/v1/catalogue/signals"


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def names_in(client: Client, query: str) -> list[str]:
    return [signal.name for signal in client.get(f"/catalogue/?{query}").context["signals"]]


def test_a_list_shows_the_missions_or_another_never_both(
    member_client: Client, listed: OtherTable
) -> None:
    everything = set(names_in(member_client, "show=all"))
    assert everything == set(Signal.objects.values_list("name", flat=True))
    of_list = set(names_in(member_client, "show=all&list=ctoi"))
    assert of_list == set(OtherSignal.objects.values_list("name", flat=True))
    assert set(names_in(member_client, "show=all&list=CTOI&same=no")) == {
        "CTOI 900000001.01",
        "CTOI 900000002.01",
    }
    assert "CTOI 900000001.01" in names_in(member_client, "list=CTOI")
    assert "CTOI 900000002.01" not in names_in(member_client, "list=CTOI")  # its own FP
    said = set(names_in(member_client, "show=all&list=CTOI&says=FALSE POSITIVE"))
    assert said == set(
        OtherSignal.objects.filter(list_says="FALSE POSITIVE").values_list("name", flat=True)
    )
    assert names_in(member_client, "show=all&list=CTOI&q=TIC 900000001") == ["CTOI 900000001.01"]
    page = shown(member_client, "/catalogue/?show=all&list=ctoi")
    assert page.count(">CTOI, the same as") == 4
    assert "Watch this list" not in page
    assert "has no list “gone”" in shown(member_client, "/catalogue/?list=gone")


def test_lists_ask_the_database_as_often_as_the_missions(
    member_client: Client, listed: OtherTable
) -> None:
    for address in ("/catalogue/?show=all&list=ctoi", "/catalogue/lists/"):
        with CaptureQueriesContext(connection) as queries:
            shown(member_client, address)
        assert len(queries) <= LIST_QUERIES, address
    with CaptureQueriesContext(connection) as queries:
        shown(member_client, OtherSignal.objects.all()[0].get_absolute_url())
    assert len(queries) <= SIGNAL_QUERIES


def test_the_page_of_a_list_s_signal(member_client: Client, listed: OtherTable) -> None:
    signal = OtherSignal.objects.exclude(same_as=None).select_related("list", "same_as")[0]
    same = signal.same_as
    assert same is not None
    page = shown(member_client, signal.get_absolute_url())
    for part in (
        "of the list CTOI",
        CTOI.source,
        "doi:10.26134/ExoFOP3",
        same.name,
        "counted there",
    ):
        assert part in page
    assert f"“{signal.list_word}”" in page
    assert "Also in the list" in shown(member_client, same.get_absolute_url())
    star = shown(member_client, signal.star.get_absolute_url())
    assert "In other lists" in star
    own = OtherSignal.objects.get(listed_name="900000001.01")
    alone = shown(member_client, own.star.get_absolute_url())
    assert "1 that only other lists have" in alone
    varied = shown(member_client, f"{own.get_absolute_url()}vary/")
    assert f'value="{own.name}"' in varied
    about = shown(member_client, own.list.get_absolute_url())
    assert "6 signals; 4 of them are signals that a mission lists" in about


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ctoi 900000001.01", "CTOI 900000001.01"),
        ("TIC 900000001.01", "CTOI 900000001.01"),
        ("TIC 900000001", "TIC 900000001"),
    ],
)
def test_the_one_box_finds_it(listed: OtherTable, typed: str, found: str) -> None:
    only = catalogue_find(typed).only
    assert only is not None
    assert only.name == found


def test_a_typing_error_is_near_a_list_s_name(listed: OtherTable) -> None:
    close = catalogue_find("CTOI 9000000O1.01").close
    assert "CTOI 900000001.01" in [match.name for match in close]


def test_files_name_list_source_and_citation(member_client: Client, listed: OtherTable) -> None:
    def content(key: str, query: str = "list=ctoi&show=all") -> bytes:
        answer: Any = member_client.get(f"/catalogue/signals.{key}?{query}")
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    rows = list(csv.DictReader(io.StringIO(content("csv").decode())))
    assert len(rows) == 6
    row = next(row for row in rows if row["name"] == "CTOI 900000002.01")
    assert (row["list"], row["list_says"], row["disposition"]) == ("CTOI", "FALSE POSITIVE", "")
    assert (row["list_source"], row["list_citation"]) == (CTOI.source, "doi:10.26134/ExoFOP3")
    assert b"list_source" not in content("csv", "show=all")  # the missions' files stay as they are
    votable = parse(io.BytesIO(content("votable")))
    infos = {info.name: info.value for info in votable.resources[0].infos}
    assert infos["list_citation"] == "doi:10.26134/ExoFOP3"
    assert infos["list_source"] == CTOI.source
    assert len(votable.get_first_table().array) == 6
    ecsv: Any = Table.read(content("ecsv").decode(), format="ascii.ecsv")
    assert ecsv.meta["list"] == "CTOI"
    parquet = pq.read_table(io.BytesIO(content("parquet")))
    assert parquet.schema.metadata[b"list_citation"] == b"doi:10.26134/ExoFOP3"
    assert set(parquet["list"].to_pylist()) == {"CTOI"}
    assert member_client.get("/catalogue/signals.csv?list=gone").status_code == 404


def test_programs_are_told_the_list(member_client: Client, listed: OtherTable) -> None:
    found = member_client.get(f"{SIGNALS}?list=CTOI&show=all&same=yes").json()
    assert found["count"] == 4
    row = found["results"][0]
    assert row["list"] == "CTOI"
    same = Signal.objects.get(slug=row["same_as"])
    assert row["disposition"] == same.disposition
    one = member_client.get(f"/api/v1/catalogue/lists/ctoi/{row['slug']}").json()
    assert one["citation"] == "doi:10.26134/ExoFOP3"
    assert one["scores"][0]["planet_score"] == row["planet_score"]
    of_mission = member_client.get(f"{SIGNALS}/{same.slug}").json()
    assert of_mission["also_in"] == ["CTOI"]
    assert of_mission["signal"]["list"] == ""
    (told,) = member_client.get("/api/v1/catalogue/lists").json()
    assert (told["slug"], told["signals"], told["same"]) == ("ctoi", 6, 4)
    gone = member_client.get(f"{SIGNALS}?list=gone")
    assert gone.status_code == 404
    assert "has no list" in gone.json()["error"]["message"]
    for nothing in ("says=CANDIDATE", "list=CTOI&show=disagreements"):
        assert member_client.get(f"{SIGNALS}?{nothing}").json()["count"] == 0


def test_other_lists_are_not_watched(member_client: Client, listed: OtherTable) -> None:
    sent = {"kind": "list", "query": "list=ctoi&show=all", "next": "/catalogue/"}
    member_client.post("/watching/add/", sent)
    assert not Watch.objects.exists()


def test_a_curator_brings_and_removes_a_list(
    curator_client: Client, member_client: Client, ctoi: pd.DataFrame
) -> None:
    dataset = upload(ctoi, "ctoi_2025-10-04.csv", Mission.TESS)
    address = f"/catalogue/lists/join/{dataset.pk}/"
    assert address in shown(curator_client, dataset.get_absolute_url())
    said = {"name": "CTOI", "source": CTOI.source, "citation": CTOI.citation, "mission": "Kepler"}
    wrong = curator_client.post(address, said)
    assert wrong.status_code == 422
    assert "was read as a table of TESS" in wrong.content.decode()
    answer = curator_client.post(address, said | {"mission": "TESS"})
    assert answer.headers["Location"] == "/catalogue/lists/ctoi/"
    other_table_execute(OtherTable.objects.get().pk)
    less = upload(ctoi.iloc[:4], "ctoi_2025-11-04.csv", Mission.TESS)
    shrunk = curator_client.post(f"/catalogue/lists/join/{less.pk}/", said | {"mission": "TESS"})
    assert shrunk.status_code == 422
    assert 'type="checkbox"' in shrunk.content.decode()
    sure = said | {"mission": "TESS", "sure": "on"}
    assert curator_client.post(f"/catalogue/lists/join/{less.pk}/", sure).status_code == 302
    other_table_execute(OtherTable.objects.get(dataset=less).pk)
    assert OtherSignal.objects.listed().count() == 4
    gone = "/catalogue/lists/ctoi/remove/"
    assert member_client.get(gone).status_code == 403
    question = shown(curator_client, gone)
    assert "6 signals of the list" in question
    seen = str(OtherTable.objects.get(dataset=less).pk)
    curator_client.post(gone, {"seen": "0"})
    assert OtherList.objects.exists()
    curator_client.post(gone, {"seen": seen})
    assert not OtherList.objects.exists()


def test_the_command_brings_lists_and_removes(
    db: None, tmp_path: Path, ctoi: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    User.objects.create_superuser("ada", password="a long enough password")
    file, newer = tmp_path / "ctoi_2025-10-04.csv", tmp_path / "ctoi_2025-11-04.csv"
    ctoi.to_csv(file, index=False)
    ctoi.iloc[:3].to_csv(newer, index=False)
    said = ["--name", "CTOI", "--user", "ada"]
    with pytest.raises(CommandError, match="address where the list is published"):
        call_command("catalogue", "list", str(file), *said)
    of = ["--source", CTOI.source, "--citation", CTOI.citation]
    call_command("catalogue", "list", str(file), *said, *of)
    assert "6 signals, the first table." in capsys.readouterr().out
    with pytest.raises(CommandError, match="Say --yes"):
        call_command("catalogue", "list", str(newer), *said)
    call_command("catalogue", "list", str(newer), *said, "--yes")
    assert "3 signals: 0 new, 3 gone, 0 back, 0 renamed, 0 changed" in capsys.readouterr().out
    call_command("catalogue", "lists")
    assert "CTOI: 3 signals, 0 also a mission's; state of 2025-11-04" in capsys.readouterr().out
    call_command("catalogue", "remove", "ctoi", "--user", "ada")
    assert not OtherList.objects.exists()
