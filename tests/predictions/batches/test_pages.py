"""The pages of batches, from upload to download."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv
from training.datasets.mappings import SavedMapping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_chunks", "queue")]

MakeBatch = Callable[..., Batch]
OWN = "Object;Host;P [d];T14 (h);Depth (%);State\nA-1;S1;3.52;2.5;1.2;CP\nA-2;S1;12.1;3.1;0.08;PC\n"
MAPPED = {
    "map-mission": "TESS",
    "map-signal": "Object",
    "map-star": "Host",
    "map-disposition": "State",
    "map-column_orbital_period": "P [d]",
    "map-unit_orbital_period": "days",
    "map-column_transit_duration": "T14 (h)",
    "map-unit_transit_duration": "hours",
    "map-column_transit_depth": "Depth (%)",
    "map-unit_transit_depth": "percent",
    "use_mapping": "yes",
}


def upload(client: Client, content: str | bytes, name: str = "signals.csv", **more: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(
        "/batches/new/", {"file": SimpleUploadedFile(name, data), **more}, follow=True
    )


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def shown(answer: Any) -> str:
    """The page without what each request is given anew."""
    return re.sub(
        r'(value|nonce|X-CSRFToken)(&quot;|"|=|:|\s)*[\w=+/-]{22,64}"', "", text_of(answer)
    )


def test_from_upload_to_outcome(member_client: Client) -> None:
    page = upload(member_client, kepler_csv())
    assert "Recognised: Kepler Objects of Interest" in text_of(page)
    assert "koi_period" in text_of(page)
    batch = Batch.objects.get()
    page = member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"}, follow=True)
    assert "Waiting for a worker" in text_of(page)
    batch_work.batch_execute(batch_id=str(batch.pk))
    page = member_client.get(f"/batches/{batch.pk}/")
    assert "25 signals classified" in text_of(page)
    assert text_of(page).count('data-label="Signal"') == 25
    content = b"".join(member_client.get(f"/batches/{batch.pk}/download/csv/").streaming_content)  # type: ignore[attr-defined]
    assert len(content.decode().splitlines()) == 26


def test_gzip_and_a_byte_order_mark_are_understood(member_client: Client) -> None:
    page = upload(
        member_client,
        gzip.compress(b"\xef\xbb\xbf# a comment\r\n" + kepler_csv().encode()),
        "koi.csv.gz",
    )
    assert "Recognised" in text_of(page)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"<!DOCTYPE html><html><title>Sign in</title>", "a web page"),
        (b"koi_period,koi_period\n1,2\n", "more than once in the header"),
        (b"koi_period,koi_depth\n1,\x00\n", "NUL byte"),
        (b"PK\x03\x04xxxx", "ZIP archive"),
        (b"koi_period\n", "no rows"),
        (gzip.compress(kepler_csv().encode(), mtime=0)[:200], "damaged or incomplete"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    member_client: Client, content: bytes, says: str
) -> None:
    page = upload(member_client, content)
    assert page.status_code == 422
    assert says in text_of(page)
    assert not Batch.objects.exists()
    assert not default_storage.exists("batches") or not default_storage.listdir("batches")[0]


def test_a_file_that_is_too_large_stops_on_its_way(member_client: Client, settings: Any) -> None:
    settings.BATCH_MAX_BYTES = 1_000
    page = upload(member_client, kepler_csv())
    assert page.status_code == 413
    assert "The file is larger than 1000" in text_of(page)


def test_a_zip_bomb_is_stopped_while_it_grows(member_client: Client, settings: Any) -> None:
    settings.BATCH_MAX_BYTES = 2_000_000
    bomb = gzip.compress(b"koi_period,koi_depth,koi_duration\n" + b"1,2,3\n" * 1_000_000)
    assert len(bomb) < 20_000
    upload(member_client, bomb)
    batch = Batch.objects.get()  # its first rows are harmless: it is stopped when it is read whole
    member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"})
    batch_work.batch_execute(batch_id=str(batch.pk))
    batch.refresh_from_db()
    assert batch.status == "failed"
    assert "too large" in batch.reason
    assert "2,000,000 bytes" in batch.reason
    assert not batch.chunks.exists(), "nothing half done"


@pytest.mark.parametrize(
    ("limit", "value", "says", "status"),
    [
        ("BATCH_MAX_COLUMNS", 3, "columns", 422),
        ("BATCH_MAX_BYTES", 700, "larger than 700", 413),
    ],
)
def test_each_limit_has_its_sentence(
    member_client: Client, settings: Any, limit: str, value: int, says: str, status: int
) -> None:
    setattr(settings, limit, value)
    page = upload(member_client, kepler_csv())
    assert page.status_code == status
    assert says in text_of(page)
    assert f"{value:,}" in text_of(page)


def test_a_cell_that_is_too_long_costs_its_row_only(member_client: Client, settings: Any) -> None:
    settings.BATCH_MAX_FIELD = 40
    text = "identifier,mission,orbital_period,transit_duration,transit_depth\n"
    upload(member_client, text + f"a,TESS,3,2,500\n{'x' * 41},TESS,3,2,500\n")
    batch = Batch.objects.get()
    member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"})
    batch_work.batch_execute(batch_id=str(batch.pk))
    page = text_of(member_client.get(f"/batches/{batch.pk}/?show=unusable"))
    assert "1 row could not be used" in page
    assert "a cell with more than 40 characters" in page


def test_own_columns_are_mapped_and_the_mapping_is_kept(
    member_client: Client, member: User
) -> None:
    page = upload(member_client, OWN, "mine.csv")
    assert "Which column is what?" in text_of(page)
    assert text_of(page).count("Sure: ") + text_of(page).count("Likely, ") >= 3
    batch = Batch.objects.get()
    address = f"/batches/{batch.pk}/check/"
    page = member_client.post(address, MAPPED | {"map-save_as": "my survey"}, follow=True)
    assert "Read as you mapped it" in text_of(page)
    member_client.post(address, {"start": "yes"})
    batch_work.batch_execute(batch_id=str(batch.pk))
    batch.refresh_from_db()
    assert batch.is_done, batch.reason
    page = member_client.get(f"/batches/{batch.pk}/rows/1/")
    assert "12,000" in text_of(page), "1.2 % is 12,000 ppm"

    page = upload(member_client, OWN, "next.csv")
    saved = SavedMapping.objects.get(owner=member)
    assert f"?mapping={saved.pk}" in text_of(page)
    batch = Batch.objects.latest("created_at")
    page = member_client.get(f"/batches/{batch.pk}/check/?mapping={saved.pk}")
    assert "Read as you mapped it" in text_of(page)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file that the storage opens or is asked for."""
    names: list[str] = []
    real = default_storage.open

    def noted(name: str, *arguments: Any) -> Any:
        names.append(name)
        return real(name, *arguments)

    monkeypatch.setattr(default_storage, "open", noted)
    return names


@pytest.mark.parametrize("content", [kepler_csv(), OWN])
def test_the_check_page_opens_the_stored_table_not_once(
    member_client: Client, opened: list[str], content: str
) -> None:
    page = upload(member_client, content)
    batch = Batch.objects.get()
    address = f"/batches/{batch.pk}/check/"
    assert shown(member_client.get(address)) == shown(page)
    if content == OWN:
        assert member_client.post(address, MAPPED, follow=True).status_code == 200
        assert member_client.post(address, MAPPED | {"map-mission": ""}).status_code == 422
    assert opened == []
    member_client.post(address, {"start": "yes"})
    batch.refresh_from_db()
    assert (batch.status, batch.head) == ("queued", None), "who waits for answers needs no head"


def test_a_draft_without_a_stored_head_is_read_from_its_table(
    member_client: Client, opened: list[str]
) -> None:
    page = upload(member_client, OWN, "mine.csv")
    Batch.objects.update(head=None)  # as the release before kept it
    batch = Batch.objects.get()
    assert shown(member_client.get(f"/batches/{batch.pk}/check/")) == shown(page)
    assert opened == [batch.file]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"map-column_transit_depth": "nowhere"}, "This table has no column “nowhere”"),
        ({"map-mission": ""}, "Choose the mission"),
        ({"map-unit_transit_depth": "parsec"}, "Select a valid choice"),
    ],
)
def test_a_mapping_that_does_not_fit_is_explained(
    member_client: Client, change: dict[str, str], says: str
) -> None:
    upload(member_client, OWN, "mine.csv")
    page = member_client.post(f"/batches/{Batch.objects.get().pk}/check/", MAPPED | change)
    assert page.status_code == 422
    assert says in text_of(page)


def test_the_template_is_a_table_that_is_recognised(member_client: Client) -> None:
    template = member_client.get("/batches/template.csv").content.decode().strip()
    values = {
        "mission": "TESS",
        "orbital_period": "3.5",
        "transit_duration": "2.5",
        "transit_depth": "900",
    }
    row = ",".join(values.get(name, "") for name in template.split(","))
    assert "this site's template" in text_of(upload(member_client, f"{template}\n{row}\n")).replace(
        "&#x27;", "'"
    )


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.csv", '"><img src=x onerror=alert(1)>.csv']
)
def test_names_and_cells_are_shown_as_text(member_client: Client, name: str) -> None:
    attack = "<script>alert(2)</script>"
    text = (
        f"identifier,mission,orbital_period,transit_duration,transit_depth,{attack}\n{attack},"
        "TESS,3,2,500,x\n"
    )
    pages = text_of(upload(member_client, text, name))
    batch = Batch.objects.get()
    member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"})
    batch_work.batch_execute(batch_id=str(batch.pk))
    for address in ("", "rows/1/", "delete/"):
        pages += text_of(member_client.get(f"/batches/{batch.pk}/{address}"))
    pages += text_of(member_client.get("/batches/"))
    assert "<script>alert" not in pages
    assert "<img src=x" not in pages


PATHS = ("", "check/", "progress/", "rows/1/", "download/csv/", "delete/")


@pytest.mark.parametrize("path", PATHS)
def test_others_do_not_learn_that_it_exists(
    make_batch: MakeBatch, curator_client: Client, path: str
) -> None:
    batch = make_batch(done=True)
    assert curator_client.get(f"/batches/{batch.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_visitors_are_asked_to_sign_in(make_batch: MakeBatch, client: Client, path: str) -> None:
    answer = client.get(f"/batches/{make_batch(done=True).pk}/{path}")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_sharing_lets_others_read_and_nothing_more(
    make_batch: MakeBatch, member_client: Client, curator_client: Client
) -> None:
    batch = make_batch(done=True)
    member_client.post(f"/batches/{batch.pk}/share/", {"shared": "yes"})
    assert "shared by member" in text_of(curator_client.get(f"/batches/{batch.pk}/"))
    assert curator_client.get(f"/batches/{batch.pk}/rows/1/").status_code == 200
    for path in ("cancel/", "resume/", "share/", "delete/"):
        assert curator_client.post(f"/batches/{batch.pk}/{path}").status_code == 404
    assert "Delete this batch" not in text_of(curator_client.get(f"/batches/{batch.pk}/"))


def test_deleting_removes_every_file(
    make_batch: MakeBatch, member_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    batch = make_batch(done=True)
    assert len(default_storage.listdir(batch.folder)[1]) == 6
    assert "Delete this batch?" in text_of(member_client.get(f"/batches/{batch.pk}/delete/"))
    with django_capture_on_commit_callbacks(execute=True):
        member_client.post(f"/batches/{batch.pk}/delete/")
    assert default_storage.listdir("batches") == ([], [])  # nor its folder
    assert not Batch.objects.exists()


def test_the_progress_part_says_when_to_stop_asking(
    make_batch: MakeBatch, member_client: Client
) -> None:
    batch = make_batch()
    assert member_client.get(f"/batches/{batch.pk}/progress/").status_code == 200
    batch_work.batch_execute(batch_id=str(batch.pk))
    answer = member_client.get(f"/batches/{batch.pk}/progress/")
    assert (answer.status_code, answer["HX-Refresh"]) == (286, "true")


def test_waiting_says_what_for(make_batch: MakeBatch, member_client: Client) -> None:
    batch = make_batch()
    page = text_of(member_client.get(f"/batches/{batch.pk}/"))
    assert "being worked at" not in page
    assert "whether a worker is running" not in page
    make_batch()
    Batch.objects.filter(pk=batch.pk).update(started_at=timezone.now() - timedelta(minutes=3))
    page = text_of(member_client.get(f"/batches/{batch.pk}/"))
    assert "1 other batch is being worked at. Workers take turns" in page
    assert "whether a worker is running" in page


def test_cancelling_asks_first(make_batch: MakeBatch, member_client: Client) -> None:
    batch = make_batch()
    page = text_of(member_client.get(f"/batches/{batch.pk}/cancel/"))
    for words in ("Cancel this batch?", "What will happen", "carries on where it stopped"):
        assert words in page, words
    batch.refresh_from_db()
    assert batch.is_active


def test_cancel_and_resume(make_batch: MakeBatch, member_client: Client) -> None:
    batch = make_batch()
    assert "Cancelled" in text_of(member_client.post(f"/batches/{batch.pk}/cancel/", follow=True))
    assert "Waiting for a worker" in text_of(
        member_client.post(f"/batches/{batch.pk}/resume/", follow=True)
    )


def test_rows_are_paged_sorted_and_filtered_in_the_address(
    make_batch: MakeBatch, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.batches.pages.ROWS_PER_PAGE", 10)
    batch = make_batch(done=True)
    first = text_of(member_client.get(f"/batches/{batch.pk}/?sort=row"))
    last = text_of(member_client.get(f"/batches/{batch.pk}/?sort=row&page=3"))
    assert "/rows/1/" in first
    assert "/rows/25/" in last
    assert "Page 3 of 3" in last
    none = text_of(member_client.get(f"/batches/{batch.pk}/?q=nobody-has-this-name"))
    assert "No row fits this" in none
    for odd in (
        "?disposition=9&sort=nonsense&page=-3",
        "?warned=perhaps&set_size=x",
        "?page=999999999999",
        "?q=%00",
    ):
        assert member_client.get(f"/batches/{batch.pk}/{odd}").status_code == 200


def test_a_row_opens_its_own_explanation(make_batch: MakeBatch, member_client: Client) -> None:
    page = text_of(member_client.get(f"/batches/{make_batch(done=True).pk}/rows/25/"))
    assert "What it rests on" in page
    assert "waterfall" in page


def test_rows_that_could_not_be_used_say_why(make_batch: MakeBatch, member_client: Client) -> None:
    batch = make_batch(kepler_csv() + "1,2\n", done=True)
    assert "1 row could not be used" in text_of(member_client.get(f"/batches/{batch.pk}/"))
    assert "This row has 2 cells" in text_of(
        member_client.get(f"/batches/{batch.pk}/?show=unusable")
    )
    assert "This row could not be used" in text_of(
        member_client.get(f"/batches/{batch.pk}/rows/26/")
    )
    assert member_client.get(f"/batches/{batch.pk}/rows/27/").status_code == 404


def test_without_a_version_in_service_nothing_starts(member_client: Client) -> None:
    from training.models import ModelVersion

    ModelVersion.objects.update(is_active=False)
    upload(member_client, kepler_csv())
    batch = Batch.objects.get()
    page = member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"}, follow=True)
    assert "No classifier is in service" in text_of(page)
    batch.refresh_from_db()
    assert batch.is_draft
