"""The tables of docs/performance.md are what the kept results say, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import report

RESULT = {
    "cores": 2,
    "1 one request at a time": {
        "served_milliseconds": {"explained": 4.2},
        "explained_over_bare": 1.11,
    },
    "2 one and two web processes": {"one": {"requests_per_second": 1234.5}},
}


@pytest.mark.parametrize("document", report.DOCUMENTS, ids=lambda path: path.name)
def test_tables_are_up_to_date(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert report.filled(text) == text, "run: python -m benchmarks.report"


def test_every_measured_benchmark_has_its_place() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in report.DOCUMENTS)
    assert {match["name"] for match in report.BLOCK.finditer(text)} == set(report.FIGURES)


def test_a_result_becomes_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    (tmp_path / "serve.json").write_text(json.dumps(RESULT))
    written = report.filled("before\n<!-- figures of serve -->\nold\n<!-- end -->\nafter")
    assert "| `POST /predict` with explanation | 4.2 ms |  |" in written
    assert "| … over bare | 1.11 × | 1.6 |" in written
    assert "1,234.5 /s" in written and "old" not in written
    assert report.filled(written) == written


def test_a_share_is_told_with_its_interval_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    share = {"share": 0.977, "of": 43, "interval_95": [0.88, 0.996]}
    found = {"alarms": {"quiet": {"alarms": share}, "variable": {"alarms": {"of": 0}}}}
    (tmp_path / "curves.json").write_text(json.dumps(found))
    written = report.section("curves")
    assert "| Quiet curves with an alarm | 97.7 % of 43 (88 %–100 %) | ≤ 2 % |" in written
    assert "| Variable ones | none |  |" in written
    assert written.startswith("| | measured (95 % interval) | asked for |")


def test_the_ratios_stand_in_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = report.DOCUMENTS[1].read_text(encoding="utf-8")
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert "No result is kept" in report.filled(readme)
    (tmp_path / "serve.json").write_text(json.dumps(RESULT))
    (tmp_path / "pages.json").write_text(json.dumps({"slowest_milliseconds": 123.4}))
    written = report.filled(readme)
    assert (
        "| `POST /predict` with explanation over the bare computation | 1.11 × | 1.6 |" in written
    )
    assert (
        "| Slowest page with 1,000,000 predictions and 10,000 batches | 123.4 ms | 200 |" in written
    )
    assert report.filled(written) == written


def test_every_ratio_is_a_figure_of_the_tables() -> None:
    known = {
        (name, figure.path, figure.limit)
        for name, figures in report.FIGURES.items()
        for figure in figures
    }
    told = {
        (name, figure.path, figure.limit)
        for name, figures in report.RATIOS.items()
        for figure in figures
    }
    assert told and told <= known


def test_without_a_result_the_command_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert "python -m benchmarks.load --json" in report.section("load")
