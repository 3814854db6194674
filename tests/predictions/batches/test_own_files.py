"""What the site writes, it reads: a batch's file uploaded again gives the same answers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest

from predictions.batches.downloads import FORMATS
from predictions.batches.models import Batch
from predictions.batches.results import answers_read
from tests.simulator import simulate
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db

MakeBatch = Callable[..., Batch]
ANSWERS = [
    "predicted_disposition",
    "p_confirmed",
    "p_candidate",
    "p_false_positive",
    "planet_score",
    "open_score",
]


def answers(batch: Batch) -> pd.DataFrame:
    paths = batch.chunks.values_list("result", flat=True)
    frames: list[pd.DataFrame] = [answers_read(path, ANSWERS).to_pandas() for path in paths]
    return pd.concat(frames)


@pytest.mark.parametrize("mission", [Mission.KEPLER, Mission.TESS, Mission.K2])
@pytest.mark.parametrize("key", FORMATS)
def test_a_file_of_the_site_uploaded_again_gives_the_same_answers(
    make_batch: MakeBatch, key: str, mission: Mission
) -> None:
    table = simulate(mission, 40, 3).to_csv(index=False)
    first = make_batch(table, name="signals.csv", done=True)
    file = b"".join(FORMATS[key].write(first, None))
    again = make_batch(file, name=f"signals.{FORMATS[key].extension}", done=True)
    assert again.rows == first.rows
    pd.testing.assert_frame_equal(answers(again), answers(first), check_exact=True)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name",
    [
        "archive/TOI_2025.10.04.csv",
        "archive/cumulative_2025.10.04.csv",
        "archive/k2pandc_2025.10.04_default_columns.csv",
        "all_columns/TOI_2025.10.01_87_columns.csv",
        "time_travel/cumulative_2017.10.csv",
    ],
)
@pytest.mark.parametrize("key", FORMATS)
def test_so_does_one_of_the_archives_tables(
    make_batch: MakeBatch, shared_data: Path, key: str, name: str
) -> None:
    with (shared_data / name).open("rb") as lines:
        table = b"".join(islice(lines, 600))
    first = make_batch(table, name="signals.csv", done=True)
    file = b"".join(FORMATS[key].write(first, None))
    again = make_batch(file, name=f"signals.{FORMATS[key].extension}", done=True)
    assert again.rows == first.rows
    pd.testing.assert_frame_equal(answers(again), answers(first), check_exact=True)
