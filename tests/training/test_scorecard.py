"""The geometry of what the pages draw."""

from training.scorecard import PLOT_LEFT, PLOT_SIZE, PLOT_TOP, MissionCard, Scorecard, scale_marks

BIN = {"lower": 0.9, "upper": 1.0, "said": 0.95, "observed": 0.9, "signals": 400}


def test_a_bin_stands_where_its_axes_say() -> None:
    point = MissionCard("TESS", {"reliability": [BIN, {**BIN, "said": 0.5, "observed": 1.0, "signals": 100}]}).points
    assert (point[0].x, point[0].y) == (PLOT_LEFT + PLOT_SIZE * 0.95, round(PLOT_TOP + PLOT_SIZE * 0.1, 1))
    assert point[1].y == PLOT_TOP
    assert point[0].radius > point[1].radius


def test_the_scale_runs_from_0_to_100_on_both_axes() -> None:
    marks = scale_marks()
    assert [mark["text"] for mark in marks] == ["0", "25", "50", "75", "100"]
    assert (marks[0]["x"], marks[0]["y"]) == (PLOT_LEFT, PLOT_TOP + PLOT_SIZE)
    assert (marks[-1]["x"], marks[-1]["y"]) == (PLOT_LEFT + PLOT_SIZE, PLOT_TOP)


def test_the_title_says_what_the_plot_shows() -> None:
    thin = {**BIN, "said": 0.99, "observed": 0.5, "signals": 3}
    assert MissionCard("TESS", {"reliability": [BIN, thin]}).reliability_sentence == (
        "Of 100 signals given 95\u202f%, 90 are what was said"
    )
    assert "how sure it was" in MissionCard("TESS", {"reliability": [thin]}).reliability_sentence


def test_a_confusion_matrix_knows_its_rows() -> None:
    rows = MissionCard("K2", {"confusion": [[8, 1, 1], [0, 5, 5], [0, 0, 0]]}).confusion
    assert rows[0].cells[0] == ("CONFIRMED", 8, 0.8, True)
    assert rows[1].cells[2] == ("FALSE POSITIVE", 5, 0.5, False)
    assert rows[2].cells[2] == ("FALSE POSITIVE", 0, 0.0, True)


def test_missions_come_in_the_order_of_the_schema_after_all_together() -> None:
    block = {"accuracy": 0.8, "roc_auc": None}
    card = Scorecard({"cross_validation": {"all": {"K2": block, "pooled": block, "TESS": block, "Kepler": block}}})
    assert [mission.title for mission in card.missions] == ["All missions", "Kepler", "TESS", "K2"]
    assert card.summary.endswith("for 80\u202f% of signals.")


def test_test_stars_stand_in_where_nothing_was_cross_validated() -> None:
    card = Scorecard({"test": {"all": {"pooled": {"accuracy": 0.7, "roc_auc": 0.95}}}})
    assert not card.is_cross_validated
    assert card.summary.endswith("ranks a planet above a false positive in 95.0\u202f% of pairs.")


def test_no_figures_at_all() -> None:
    card = Scorecard({})
    assert not any((card.missions, card.test, card.importance, card.absent_cost, card.regimes))
    assert card.summary == "This version has no figures of its own."
