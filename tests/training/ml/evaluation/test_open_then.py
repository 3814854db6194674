"""What an earlier day's classifier said of open signals: packed, put beside a classifier, and true
to the scorecards that were made of it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest

from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, OPEN_THEN_FILE
from training.ml.errors import ArtifactDamaged
from training.ml.evaluation.backtest import became, look_back
from training.ml.evaluation.open_then import (
    CONFIRMED,
    FALSE_POSITIVE,
    GONE,
    OPEN,
    OpenThen,
    pack_open,
    put_in,
    unpack_open,
)
from training.ml.fitting import bundling
from training.ml.fitting.bundling import bundle_open_then, bundled_files
from training.ml.fitting.parameters import Parameters
from training.ml.model import ExoplanetClassifier
from training.ml.tables.signal_table import SignalTable

KEY = b"k" * 32
MOST_BYTES = 200_000


def said(mission: str, *rows: tuple[str, float, int]) -> OpenThen:
    names, scores, outcomes = zip(*rows, strict=True)
    high = np.array(scores) >= 0.5
    return OpenThen(
        mission,
        "2017-10",
        "2025-10-04",
        names,
        np.array(scores, dtype=np.float32),
        np.column_stack([high, ~high]),
        np.array(outcomes, dtype=np.int8),
    )


def test_packed_it_comes_back_as_it_was() -> None:
    parts = (
        said("Kepler", ("K00001.01", 0.9, CONFIRMED), ("", 0.2, OPEN)),
        said("TESS", ("", 0, 3)),
    )
    again = unpack_open(pack_open(parts))
    assert [(part.mission, part.then, part.now, part.names) for part in again] == [
        ("Kepler", "2017-10", "2025-10-04", ("K00001.01", "")),
        ("TESS", "2017-10", "2025-10-04", ("",)),
    ]
    for found, part in zip(again, parts, strict=True):
        for name in ("score", "planet_sets", "outcome"):
            assert np.array_equal(getattr(found, name), getattr(part, name))


def test_nothing_is_unpickled() -> None:
    trap = io.BytesIO()
    np.savez(trap, facts=np.array([{"mission": "Kepler"}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        unpack_open(trap.getvalue())


def test_a_part_takes_the_place_of_its_missions() -> None:
    old, other = said("Kepler", ("", 0.1, OPEN)), said("TESS", ("", 0.2, OPEN))
    new = said("Kepler", ("", 0.3, OPEN))
    assert put_in([old, other], new) == (other, new)


def test_a_classifier_carries_it_signed(tiny_classifier: ExoplanetClassifier) -> None:
    bare = tiny_classifier.pack(KEY)
    assert OPEN_THEN_FILE not in bare
    assert ExoplanetClassifier.unpack(bare, KEY).open_then == ()
    carrying = ExoplanetClassifier.unpack(bare, KEY)
    carrying.open_then = (said("Kepler", ("K00001.01", 0.9, CONFIRMED)),)
    files = carrying.pack(KEY)
    (part,) = ExoplanetClassifier.unpack(files, KEY).open_then
    assert part.names == ("K00001.01",)
    state = joblib.load(io.BytesIO(files[CLASSIFIER_FILE]))
    assert "open_then" not in state and "pipeline" in state
    with pytest.raises(ArtifactDamaged, match=r"open_then\.npz differs"):
        ExoplanetClassifier.unpack(files | {OPEN_THEN_FILE: pack_open(())}, KEY)


def test_what_became_of_signals_is_what_the_newer_table_says(
    simulated_tables: Sequence[SignalTable],
) -> None:
    then = simulated_tables[0]
    words = then.dispositions.copy()
    for row, word in enumerate(("CONFIRMED", "FALSE POSITIVE", None)):
        words.iloc[row] = word
    names = then.signals.copy()
    names.iloc[3] = "K99999.01"
    now = replace(then, dispositions=words, signals=names)
    assert became(then, now)[:4].tolist() == [CONFIRMED, FALSE_POSITIVE, OPEN, GONE]


def test_looking_back_tells_of_every_open_signal(simulated_tables: Sequence[SignalTable]) -> None:
    now = simulated_tables[0]
    words = now.dispositions.copy()
    turned = np.flatnonzero((now.dispositions != "CANDIDATE").to_numpy())[:30]
    words.iloc[turned] = "CANDIDATE"
    words.iloc[turned[::2]] = None
    figures, part = look_back(
        replace(now, dispositions=words),
        now,
        simulated_tables[1:],
        parameters=Parameters(planet_rounds=3, rounds=5, leaves=7),
    )
    assert len(part) == figures["open_then"] == int((now.dispositions == "CANDIDATE").sum()) + 30
    decided = np.isin(part.outcome, (CONFIRMED, FALSE_POSITIVE))
    assert decided.sum() == figures["decided"] == 30
    assert part.mission == "Kepler" and ((part.score > 0) & (part.score < 1)).all()
    shown = [name for name in part.names if name]
    assert set(shown) <= set(now.signals) and len(shown) > 30


def test_bundling_leaves_everything_else_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in bundled_files().items():
        (tmp_path / name).write_bytes(content)
    before = bundled_files()
    monkeypatch.setattr(bundling, "FOLDER", tmp_path)
    bundle_open_then(said("K2", ("", 0.5, OPEN)))
    after = bundled_files()
    assert [name for name in before if before[name] != after[name]] == [OPEN_THEN_FILE]
    assert [part.mission for part in unpack_open(after[OPEN_THEN_FILE])][-1] == "K2"


def test_the_bundled_facts_are_those_of_the_bundled_scorecards() -> None:
    """The same runs made both: a file of other runs would contradict the metrics page."""
    files = bundled_files()
    assert len(files[OPEN_THEN_FILE]) < MOST_BYTES
    scorecards = json.loads(files[METADATA_FILE])["backtests"]
    parts = {part.mission: part for part in unpack_open(files[OPEN_THEN_FILE])}
    assert set(parts) == set(scorecards) == {"Kepler", "TESS"}
    for mission, part in parts.items():
        card = scorecards[mission]
        assert (part.then, part.now) == (card["then"]["date"], card["now"]["date"])
        assert len(part) == card["open_then"]
        assert int((part.outcome == CONFIRMED).sum()) == card["confirmed"]
        assert int((part.outcome == FALSE_POSITIVE).sum()) == card["false_positive"]
        decided = np.isin(part.outcome, (CONFIRMED, FALSE_POSITIVE))
        for band in card["open"]["bands"]:
            last = band["upper"] == 1
            inside = decided & (part.score >= band["lower"])
            inside &= (part.score <= 1) if last else (part.score < band["upper"])
            assert int(inside.sum()) == band["signals"]
            assert float(part.score[inside].mean()) == pytest.approx(band["said"], abs=1e-6)
