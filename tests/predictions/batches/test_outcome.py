"""What a finished batch shows, counted without reading its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from django.test import Client

from predictions.batches.models import Batch
from predictions.batches.outcome import RowFilter, rows_chosen, summary_of
from predictions.batches.plots import histogram, likely_words, period_radius
from predictions.batches.results import ResultIndex, index_kept, index_read, rows_named
from tests.predictions.conftest import kepler_csv
from tests.simulator import simulate
from training.ml.schema import Mission
from training.ml.sky.stars import sky_vectors
from training.models import ModelVersion

MakeBatch = Callable[..., Batch]


def an_index(**arrays: list[object]) -> ResultIndex:
    count = len(next(iter(arrays.values())))
    plain: dict[str, np.ndarray] = {
        "disposition": np.zeros(count, np.int8),
        "given": np.full(count, -1, np.int8),
        "planet_score": np.full(count, 0.5),
        "confidence": np.full(count, 0.9),
        "set_size": np.ones(count, np.int8),
        "warned": np.zeros(count, bool),
        "trained_on": np.zeros(count, bool),
        "lead": np.ones(count, bool),
        "period": np.full(count, 3.0),
        "radius": np.full(count, 2.0),
        "open_score": np.full(count, 0.5),
        "learnt": np.zeros(count, bool),
    }
    return ResultIndex(**plain | {name: np.array(values) for name, values in arrays.items()})


def chosen(index: ResultIndex, wanted: RowFilter) -> list[int]:
    return [int(row) for row in rows_chosen(index, wanted)]


def test_sorting_puts_missing_scores_last_in_both_directions() -> None:
    index = an_index(planet_score=[0.2, np.nan, 0.9, 0.2])
    assert chosen(index, RowFilter(sort="-planet_score")) == [2, 0, 3, 1]
    assert chosen(index, RowFilter(sort="planet_score")) == [0, 3, 2, 1]
    assert chosen(index, RowFilter(sort="-row")) == [3, 2, 1, 0]


def test_filters_add_up() -> None:
    index = an_index(
        disposition=[0, 0, 1, 2], set_size=[1, 2, 1, 3], warned=[True, False, True, False]
    )
    assert chosen(index, RowFilter(disposition=0, sort="row")) == [0, 1]
    assert chosen(index, RowFilter(disposition=0, warned=True, sort="row")) == [0]
    assert chosen(index, RowFilter(set_size=1, sort="row")) == [0, 2]


def test_disagreements_leave_out_stars_that_the_version_has_learnt_from() -> None:
    index = an_index(
        disposition=[0, 0, 2, 2],
        given=[0, 2, 0, -1],
        trained_on=[False, False, True, False],
        confidence=[0.9, 0.6, 0.8, 0.9],
    )
    assert chosen(index, RowFilter(disagreements=True, sort="-confidence")) == [1]
    assert chosen(
        index, RowFilter(disagreements=True, with_trained_on=True, sort="-confidence")
    ) == [2, 1]
    agreement = summary_of(index)["agreement"]
    assert (agreement["compared"], agreement["unseen"], agreement["disagreements"]) == (3, 2, 1)
    assert agreement["matrix"] == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert agreement["matrix_trained_on"] == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_the_signals_are_counted_by_size_and_period() -> None:
    index = an_index(
        disposition=[0, 0, 2, 2, -1],
        period=[0.5, 1.0, 99.0, 250.0, 3.0],
        radius=[1.0, 1.5, 10.0, np.nan, 1.0],
        lead=[True, True, True, True, False],
    )
    plot = period_radius(summary_of(index)["plot"])
    assert plot is not None
    assert plot["rows"] == [
        {"radius": "below 1.5", "period": "below 1", "counts": [1, 0, 0]},
        {"radius": "1.5 to 4", "period": "1 to 10", "counts": [1, 0, 0]},
        {"radius": "10 and more", "period": "10 to 100", "counts": [0, 0, 1]},
    ]
    assert "more than 99" in plot["sentence"]
    assert period_radius({"drawable": 1, "shown": 1, "points": [[[1.0, 2.0]], [], []]}), (
        "as older batches have it"
    )


def test_the_scores_are_told_in_words() -> None:
    found = histogram(summary_of(an_index(planet_score=[0.95, 0.97, 0.5, 0.02]))["planet_scores"])
    assert found["title"] == "2 of 4 signals look very much like planets"
    assert "1 score below 0.1, 1 in between" in found["sentence"]


@pytest.mark.django_db
def test_plots_are_files_of_their_own(
    make_batch: MakeBatch, member_client: Client, curator_client: Client
) -> None:
    batch = make_batch(done=True, name="koi.csv")
    for figure in ("scores", "period-radius"):
        answer = member_client.get(f"/batches/{batch.pk}/plots/{figure}.svg")
        assert answer["Content-Type"].startswith("image/svg+xml")
        assert answer["Content-Disposition"] == f'attachment; filename="koi-{figure}.svg"'
        drawing = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
        assert drawing.find("{http://www.w3.org/2000/svg}title") is not None
        assert curator_client.get(f"/batches/{batch.pk}/plots/{figure}.svg").status_code == 404
    assert member_client.get(f"/batches/{batch.pk}/plots/other.svg").status_code == 404


def test_without_dispositions_in_the_table_there_is_nothing_to_compare() -> None:
    assert summary_of(an_index(disposition=[0, 1]))["agreement"] is None


def test_the_summary_of_a_million_rows_stays_small() -> None:
    index = an_index(disposition=[0, 1, 2, -1] * 250_000)
    summary = summary_of(index)
    assert summary["plot"]["shown"] <= 1_000
    assert summary["dispositions"] == [250_000] * 3


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_the_signals_of_a_k2_table_count_once(make_batch: MakeBatch) -> None:
    table = simulate(Mission.K2, 12, 3)
    batch = make_batch(table.to_csv(index=False), done=True)
    assert batch.rows == len(table) > 12
    assert batch.summary["signals"] == table["pl_name"].nunique()
    assert len(rows_chosen(index_read(batch.index_file), RowFilter())) == table["pl_name"].nunique()


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_worker_keeps_no_index_and_a_page_does(
    make_batch: MakeBatch, member_client: Client
) -> None:
    index_kept.cache_clear()
    batch = make_batch(kepler_csv(3), done=True)
    assert index_kept.cache_info().currsize == 0
    assert member_client.get(batch.get_absolute_url()).status_code == 200
    assert member_client.get(batch.get_absolute_url()).status_code == 200
    assert (index_kept.cache_info().currsize, index_kept.cache_info().misses) == (1, 1)


def test_identifiers_are_found_by_any_part_in_any_case(make_batch: MakeBatch) -> None:
    batch = make_batch(done=True)
    index = index_read(batch.index_file)
    everything = rows_named(batch.index_file, "k0")
    assert everything.sum() == len(index)
    assert rows_named(batch.index_file, "(.*").sum() == 0, "the text is no pattern"


@pytest.mark.django_db
def test_stars_of_the_training_are_marked(make_batch: MakeBatch) -> None:
    header = "identifier,star,mission,orbital_period,transit_duration,transit_depth,disposition\n"
    # Kepler-10 is in the bundled version's Kepler table; nobody has catalogued the other.
    rows = (
        "a,KIC 11904151,Kepler,0.8375,1.8,152,CONFIRMED\nb,KIC"
        " 99999999,Kepler,0.8375,1.8,152,CONFIRMED\n"
    )
    batch = make_batch(header + rows, done=True)
    assert index_read(batch.index_file).trained_on.tolist() == [True, False]
    assert batch.summary["agreement"]["trained_on"] == 1


@pytest.mark.django_db
def test_a_star_of_the_training_is_known_by_its_place_too(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = ModelVersion.objects.active().classifier
    sky = sky_vectors(np.array([285.679]), np.array([50.2413])).astype(np.float32)
    monkeypatch.setattr(classifier, "held_out", replace(classifier.held_out, sky=sky))
    header = (
        "identifier,star,mission,orbital_period,transit_duration,transit_depth,disposition,ra,dec\n"
    )
    cells = "TESS,0.8375,1.8,152,CONFIRMED"
    rows = [
        f"another catalogue,TIC 9999999999,{cells},285.6791,50.2412",
        f"by its place alone,,{cells},285.679,50.2413",
        f"nine arcseconds off,TIC 9999999999,{cells},285.679,50.2438",
        f"neither,,{cells},,",
    ]
    batch = make_batch(header + "\n".join(rows), done=True)
    assert index_read(batch.index_file).trained_on.tolist() == [True, True, False, False]
    assert batch.summary["agreement"]["unseen"] == 2
    monkeypatch.setattr(classifier, "held_out", replace(classifier.held_out, sky=None))
    assert not index_read(make_batch(header + rows[0], done=True).index_file).trained_on.any(), (
        "artifacts of before"
    )


@pytest.mark.parametrize(
    ("likely", "total", "words"),
    [
        (0, 25, "None of 25 signals looks very much like a planet"),
        (1, 25, "1 of 25 signals looks very much like a planet"),
        (2, 2500, "2 of 2,500 signals look very much like planets"),
        (1, 1, "The signal looks very much like a planet"),
        (0, 1, "The signal does not look very much like a planet"),
    ],
)
def test_a_finding_is_a_sentence(likely: int, total: int, words: str) -> None:
    assert likely_words(likely, total, "signal") == words


def test_a_table_that_leaves_signals_open_is_summed_up_by_them() -> None:
    index = an_index(
        given=[1, 1, 1, 0, -1],
        open_score=[0.95, 0.9, 0.2, 0.99, 0.99],
        learnt=[True, False, True, True, False],
    )
    summary = summary_of(index)
    assert summary["open"] == {"signals": 3, "likely": 2}
    assert summary["learnt"] == 3
    assert summary_of(an_index(given=[0, 2]))["open"] is None


def test_the_outcome_begins_with_its_finding(make_batch: MakeBatch, member_client: Client) -> None:
    """Also one that an older release has summed up, which counted neither."""
    batch = make_batch(kepler_csv(40), done=True)
    found = batch.summary["open"]
    page = member_client.get(batch.get_absolute_url()).content.decode()
    headline = likely_words(found["likely"], found["signals"], "open signal")
    assert f"<h1>{headline}</h1>" in page
    batch.summary = {k: v for k, v in batch.summary.items() if k not in ("open", "learnt")}
    batch.save()
    page = member_client.get(batch.get_absolute_url()).content.decode()
    assert "40 signals classified" in page
    assert "were in the version" not in page
