"""The geometry of what the pages draw."""

from training.versions.scorecard import ConfusionCell, MissionCard, Scorecard

BIN = {"lower": 0.9, "upper": 1.0, "said": 0.95, "observed": 0.9, "signals": 400}


def test_the_title_says_what_the_plot_shows() -> None:
    thin = {**BIN, "said": 0.99, "observed": 0.5, "signals": 3}
    assert (
        MissionCard("TESS", {"reliability": [BIN, thin]}).reliability_sentence
        == "Of 100 signals given 95\u202f%, 90 are what was said"
    )
    assert "how sure it was" in MissionCard("TESS", {"reliability": [thin]}).reliability_sentence


def test_a_confusion_matrix_knows_its_rows() -> None:
    rows = MissionCard("K2", {"confusion": [[8, 1, 1], [0, 5, 5], [0, 0, 0]]}).confusion
    assert rows[0].cells[0] == ConfusionCell("CONFIRMED", 8, 0.8, True)
    assert rows[1].cells[2] == ConfusionCell("FALSE POSITIVE", 5, 0.5, False)
    assert rows[2].cells[2] == ConfusionCell("FALSE POSITIVE", 0, 0.0, True)
    assert [cell.shade for cell in rows[0].cells] == [4, 0, 0]


def test_the_main_confusion_is_said_in_words() -> None:
    card = MissionCard("TESS", {"confusion": [[90, 9, 1], [40, 1100, 60], [0, 5, 95]]})
    assert (
        card.confusion_sentence
        == "Most often a CANDIDATE is taken for a FALSE POSITIVE: 60 of 1,200 (5\u202f%)"
    )
    assert (
        card.mixed_up_sentence
        == "It takes 1 of 100 (1\u202f%) CONFIRMED signals for a FALSE POSITIVE."
    )
    right = MissionCard("TESS", {"confusion": [[9, 0, 0], [0, 9, 0], [0, 0, 9]]})
    assert right.confusion_sentence == "Nothing is taken for anything else"
    assert right.mixed_up_sentence == ""
    assert MissionCard("TESS", {}).confusion_sentence == ""


def test_calibration_in_words_leaves_thin_bins_out() -> None:
    thin = {**BIN, "said": 0.5, "observed": 0.0, "signals": 3}
    near = {**BIN, "said": 0.7, "observed": 0.71}
    card = MissionCard("TESS", {"reliability": [near, BIN, thin], "calibration_error": 0.0123})
    assert (
        card.calibration_sentence
        == "On average a probability is off by 1.2 points. Farthest off are the 400 signals given"
        " about 95\u202f%: 90\u202f% of them are what was said."
    )


def test_missions_come_in_the_order_of_the_schema_after_all_together() -> None:
    block = {"accuracy": 0.8, "roc_auc": None}
    card = Scorecard(
        {
            "cross_validation": {
                "all": {"K2": block, "pooled": block, "TESS": block, "Kepler": block}
            }
        }
    )
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
