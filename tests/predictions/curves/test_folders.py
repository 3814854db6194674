"""Light curves of many stars: unpacked within limits, grouped, searched in turn, made a batch."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from predictions.batches import services as batch_services
from predictions.batches.models import Batch
from predictions.batches.work import batch_execute
from predictions.curves import searching, tasks, work
from predictions.curves.folders import services
from predictions.curves.folders.grouping import grouped, reading_of
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.serializers import FolderDetailSerializer
from predictions.curves.folders.unpacking import MOST_FILES, members_check, unpacked
from predictions.curves.models import CurveSearch
from tests.predictions.curves.searches import bare_table, planet_file, quiet_file
from tests.training.ml.curves.simulated import Planet, flux, tess_fits, times
from training.ml.curves.errors import CurveError
from training.ml.curves.glance import glance
from training.ml.curves.read import Reading


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def second_star() -> bytes:
    time = times(days=20.0, minutes=15.0)
    return tess_fits(time, flux(time, Planet(4.0)), TICID=2, OBJECT="TIC 2")


class Worker:
    """What goes to the queue, done when a test says so."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, str]] = []

    def take(self, path: str, key: str, **options: Any) -> None:
        self.tasks.append((path.rpartition(".")[2], key))

    def work(self, most: int = 99) -> None:
        for _ in range(most):
            if not self.tasks:
                return
            name, key = self.tasks.pop(0)
            if name == "execute_batch":
                batch_execute(batch_id=key)
            else:
                getattr(tasks, name)(key)


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    for module in (searching, services, batch_services):
        monkeypatch.setattr(module, "async_task", worker.take)
    monkeypatch.setattr("django.db.transaction.on_commit", lambda step, **_: step())
    monkeypatch.setattr(work, "search_supervise", lambda key: work.search_execute(key, False))
    return worker


def upload(client: Client, *files: tuple[str, bytes], **more: str) -> CurveFolder:
    parts = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post("/curves/folders/new/", {"file": parts, **more})
    assert answer.status_code == 302, answer.content.decode()
    return CurveFolder.objects.get()


# --- the whole way --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_from_an_archive_to_a_ranked_batch(
    member: User, member_client: Client, worker: Worker
) -> None:
    archive = zipped(
        ("sector/tess-a.fits", planet_file()),
        ("sector/tess-b.fits", second_star()),
        ("sector/readme.txt", b"nothing to see"),
        ("__MACOSX/._tess-a.fits", b"x"),
    )
    folder = upload(member_client, ("sector.zip", archive))
    assert "Waiting for a worker" in member_client.get(f"/curves/folders/{folder.pk}/").text
    worker.work(2)
    page = member_client.get(f"/curves/folders/{folder.pk}/").text
    assert "1 of 2 stars searched" in page
    assert "nothing" not in page and "readme.txt" in page
    worker.work()
    folder.refresh_from_db()
    assert (folder.status, folder.reason, len(folder.rows)) == ("SUCCEEDED", "", 2)
    batch = folder.batch
    assert batch is not None
    assert (batch.status, batch.rows) == (Batch.Status.SUCCEEDED, 2), batch.reason
    outcome = member_client.get(f"/batches/{batch.pk}/").text
    for search, order, _ in folder.rows:
        assert f'href="/curves/{search}/?signal={order}"' in outcome
    row = member_client.get(f"/batches/{batch.pk}/rows/1/").text
    assert f'href="/curves/{folder.rows[0][0]}/?signal=1"' in row
    answers = b"".join(member_client.get(f"/batches/{batch.pk}/download/csv/")).decode()
    (first, second) = csv.DictReader(io.StringIO(answers))
    assert first["light_curve"].endswith(f"/curves/{folder.rows[0][0]}/?signal=1")
    assert {first["star"], second["star"]} == {"TIC 1", "TIC 2"}
    said = CurveSearch.objects.get(pk=folder.rows[0][0]).result
    assert said is not None
    verdict = said["signals"][0]["verdict"]
    assert first["predicted_disposition"] == verdict["disposition"]
    assert float(first["planet_score"]) == pytest.approx(verdict["planet_score"], abs=1e-3)
    listed = member_client.get("/curves/").text
    assert "sector" in listed and "TIC 1" not in listed, "stars stand on the folder's page"


@pytest.mark.django_db
def test_a_star_without_parameters_has_no_row(member_client: Client, worker: Worker) -> None:
    reading = {"time_column": "when", "flux_column": "brightness", "time_zero": "2457000"}
    folder = upload(member_client, ("mine.csv", bare_table()), **reading)
    worker.work()
    folder.refresh_from_db()
    assert (folder.status, folder.batch, folder.rows) == ("SUCCEEDED", None, [])
    page = member_client.get(f"/curves/folders/{folder.pk}/").text
    assert "No signal that can be classified" in page
    assert "temperature and radius of the star are not known" in page


@pytest.mark.django_db
def test_what_is_shared_as_a_batch_shows_its_light(
    member: User, member_client: Client, curator_client: Client, worker: Worker
) -> None:
    folder = upload(member_client, ("a.fits", planet_file()))
    worker.work()
    folder.refresh_from_db()
    (address,) = {f"/curves/{search}/" for search, _, _ in folder.rows}
    assert curator_client.get(address).status_code == 404
    Batch.objects.update(shared=True)
    assert curator_client.get(address).status_code == 200
    assert curator_client.get(f"/curves/folders/{folder.pk}/").status_code == 404
    CurveSearch.objects.all().delete()
    assert address not in curator_client.get(f"/batches/{folder.batch_id}/").text


@pytest.mark.django_db
def test_a_folder_is_cancelled_gone_on_with_and_deleted(
    member: User, member_client: Client, worker: Worker
) -> None:
    folder = upload(member_client, ("a.fits", planet_file()), ("b.fits", second_star()))
    worker.work(2)
    member_client.post(f"/curves/folders/{folder.pk}/cancel/")
    folder.refresh_from_db()
    assert folder.status == "CANCELLED"
    states = sorted(CurveSearch.objects.values_list("status", flat=True))
    assert states == ["CANCELLED", "SUCCEEDED"]
    worker.work()
    assert sorted(CurveSearch.objects.values_list("status", flat=True)) == states
    member_client.post(f"/curves/folders/{folder.pk}/resume/")
    worker.work()
    folder.refresh_from_db()
    assert (folder.status, len(folder.rows)) == ("SUCCEEDED", 2)
    member_client.post(f"/curves/folders/{folder.pk}/delete/")
    assert not CurveFolder.objects.exists() and not CurveSearch.objects.exists()
    assert Batch.objects.exists()
    assert not default_storage.exists(folder.files[0]["path"])


@pytest.mark.django_db
def test_a_worker_that_dies_leaves_the_rest_to_another(
    member_client: Client, worker: Worker
) -> None:
    folder = upload(member_client, ("a.fits", planet_file()), ("b.fits", quiet_file()))
    long_ago = timezone.now() - timedelta(hours=1)
    worker.tasks.clear()
    CurveFolder.objects.update(status="READING", claim="dead", attempts=1, heartbeat_at=long_ago)
    services.folders_clean_up()
    worker.work(1)
    worker.tasks.clear()  # the task of the first star is lost as well
    CurveSearch.objects.filter(status="QUEUED").update(
        status="RUNNING", claim="x", host="elsewhere", pid=1, heartbeat_at=long_ago
    )
    tasks.clean_up()
    worker.work()
    folder.refresh_from_db()
    assert folder.status == "SUCCEEDED"
    search = CurveSearch.objects.get()
    assert (search.status, len(search.files)) == ("FAILED", 2), "two files of one star"
    CurveFolder.objects.update(status="READING", attempts=3, heartbeat_at=long_ago)
    services.folders_clean_up()
    folder.refresh_from_db()
    assert folder.status == "FAILED" and "stopped 3 times" in folder.reason


@pytest.mark.django_db
def test_programs_do_the_same(member_client: Client, worker: Worker) -> None:
    files = [SimpleUploadedFile("a.zip", zipped(("a.fits", planet_file())))]
    answer = member_client.post("/api/v1/curves/folders", {"files": files})
    assert answer.status_code == 202
    worker.work()
    done = member_client.get(answer["Location"]).json()
    assert (done["status"], done["stars"], done["stars_ended"]) == ("SUCCEEDED", 1, 1)
    assert set(done) == set(FolderDetailSerializer().fields)
    assert member_client.get(done["batch"]).json()["rows"] == 1
    assert member_client.get(done["searches"][0]["url"]).json()["result"]["signals"]
    assert member_client.post(f"{answer['Location']}/cancel").status_code == 409
    assert member_client.delete(answer["Location"]).status_code == 204
    wrong = member_client.post("/api/v1/curves/folders", {"files": files, "colour": "red"})
    assert "colour" in wrong.json()["error"]["fields"]
    assert member_client.post("/api/v1/curves/folders", {"teff": "1"}).status_code == 400


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(("zeros.csv", bytes(2_000_000))), "once unpacked"),
        (zipped(*((f"{n}.csv", b"") for n in range(MOST_FILES + 1))), "1 to 500"),
        (zipped(), "1 to 500"),
        (b"PK\x03\x04 broken", "broken"),
    ],
)
def test_bombs_are_refused_before_anything_is_kept(
    member_client: Client, settings: Settings, content: bytes, says: str
) -> None:
    settings.CURVE_MAX_BYTES = 1_000_000
    file = SimpleUploadedFile("x.zip", content)
    answer = member_client.post("/curves/folders/new/", {"file": [file]})
    assert answer.status_code == 422
    assert says in answer.text
    assert not CurveFolder.objects.exists()


def test_an_archive_that_lies_about_its_size_is_stopped(settings: Settings) -> None:
    settings.CURVE_MAX_BYTES = 1_000_000
    honest = zipped(("zeros.csv", bytes(3_000_000)))
    size = (3_000_000).to_bytes(4, "little")
    lying = io.BytesIO(honest.replace(size, (1_000).to_bytes(4, "little")))
    assert members_check([("x.zip", lying)]) == 1
    with pytest.raises(CurveError):
        list(unpacked([("x.zip", lying)]))


def test_an_encrypted_archive_is_refused() -> None:
    packed = bytearray(zipped(("a.csv", b"time,flux\n")))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(CurveError, match="encrypted"):
        members_check([("x.zip", io.BytesIO(bytes(packed)))])


# --- which files are of one star ------------------------------------------------------------------


def told(name: str, content: bytes) -> Any:
    return name, glance([(name, io.BytesIO(content))]).files[0]


def test_files_of_one_star_are_joined_and_others_alone() -> None:
    files = [
        told("a.fits", planet_file()),
        told("b.csv", bare_table()),
        told("c.fits", quiet_file()),
        told("d.csv", bare_table()),
        *(told("two.fits", second_star()) for _ in range(21)),
    ]
    found = grouped(files)
    assert [names for names, _ in found.stars] == [["a.fits", "c.fits"], ["b.csv"], ["d.csv"]]
    assert len(found.refused) == 21
    assert "20 are searched" in found.refused[0]["reason"]


def test_what_files_state_goes_before_what_is_said_of_all() -> None:
    said = Reading("when", "brightness", 2_400_000.5, None, "h")
    files = [told("a.fits", planet_file()), told("b.csv", bare_table())]
    (_, stated), (_, bare) = grouped(files).stars
    assert reading_of(stated, said) == Reading()
    assert reading_of(bare, said) == said
