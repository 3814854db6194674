"""The words of the site, each defined once; pages link here by ``key``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Term:
    key: str
    name: str
    words: str


@dataclass(frozen=True)
class Chapter:
    title: str
    terms: tuple[Term, ...]


TERMS: Final = (
    Chapter(
        "Signals and what they turn out to be",
        (
            Term("signal", "Signal",
                "A star that dims again and again by the same amount for the same time, as it "
                "would if something passed in front of it. One signal is one row of a table, "
                "whatever causes it."),
            Term("transit", "Transit",
                "The passage of a body in front of its star, seen as a small loss of light."),
            Term("disposition", "Disposition",
                "What a signal is held to be: CONFIRMED, CANDIDATE or FALSE POSITIVE."),
            Term("confirmed", "CONFIRMED",
                "A planet, shown by more than the transit alone: by its star's motion, by "
                "siblings on the same star, or because everything else has become very unlikely."),
            Term("candidate", "CANDIDATE",
                "Passed the first checks and is open: neither confirmed nor refuted yet."),
            Term("false-positive", "FALSE POSITIVE",
                "Not a planet of this star: an eclipsing binary, a blend, or noise."),
            Term("eclipsing-binary", "Eclipsing binary",
                "Two stars that pass in front of each other. Deep, long or V-shaped dips, and a "
                "second dip of another depth half an orbit later, give them away."),
            Term("blend", "Blend",
                "The light of a second star, often an eclipsing binary behind the first, mixed "
                "into the measurement, so that a deep eclipse looks like a shallow transit."),
            Term("false-alarm", "False alarm",
                "No dip in the sky at all: noise, or the telescope's own rhythm."),
        ),
    ),
    Chapter(
        "Missions and catalogues",
        (
            Term("kepler", "Kepler",
                "NASA's telescope that watched one field for four years (2009–2013). Its signals "
                "are Kepler Objects of Interest (KOI), its stars have numbers in the Kepler Input "
                "Catalog (KIC)."),
            Term("k2", "K2",
                "The same telescope's second mission (2014–2018), field by field along the "
                "ecliptic; stars have EPIC numbers."),
            Term("tess", "TESS",
                "NASA's telescope that surveys nearly the whole sky since 2018. Its signals are "
                "TESS Objects of Interest (TOI), its stars have numbers in the TESS Input Catalog "
                "(TIC)."),
            Term("archive", "NASA Exoplanet Archive",
                "The public tables from which the classifier has learnt."),
            Term("exofop", "ExoFOP",
                "Where observers share their follow-up of candidates, star by star."),
        ),
    ),
    Chapter(
        "What the classifier answers",
        (
            Term("probability", "Probability",
                "How often signals that get this answer turn out to be so: of 100 that are given "
                "90 %, about 90 are. The page of the classifier shows how well this holds."),
            Term("two-questions", "Two questions",
                "Is it a planet? is about the sky and has one of two answers. What would the "
                "catalogue say today? is about people's work so far and has three: a signal may "
                "be a planet and still open. Each has a number and a set of its own. A classifier "
                "confirms nothing: it says how often signals with such numbers turned out to be "
                "planets."),
            Term("planet-score", "Planet score",
                "P(CONFIRMED) over P(CONFIRMED) + P(FALSE POSITIVE): from 0, surely not a planet, "
                "to 1, surely one, among signals that the catalogue has decided."),
            Term("open-score", "Open score",
                "The same question for a signal that is still open, which is harder to answer: of "
                "100 open signals that get 0.9, about 90 turn out to be planets. Beside it stands "
                "what cannot be ruled out: planet, false positive, or both."),
            Term("prediction-set", "Prediction set",
                "The dispositions that cannot be ruled out at a stated level. At 90 % the true "
                "one is in the set nine times in ten. Two members are an honest “either, or”."),
            Term("out-of-fold", "Learnt from, out-of-fold",
                "A classifier remembers what it has learnt from, so what it says about them "
                "proves nothing. For most of them the version keeps what a classifier said that "
                "had not seen their star: the out-of-fold answer, which is shown instead where "
                "the inputs are the same. Where that is not possible the answer is marked."),
            Term("missing", "Missing input",
                "What was not given. It is never taken to be zero or average by the person who "
                "types; the classifier has learnt to answer with any part of its inputs."),
            Term("warning", "Warning",
                "Something about the inputs that makes the answer less certain than it looks: a "
                "value that the classifier has hardly seen, a combination far from all others, a "
                "unit mixed up."),
            Term("model-version", "Model version",
                "One trained classifier with its date, its data and its figures. Exactly one is "
                "in service; each prediction keeps the name of the one that made it."),
        ),
    ),
    Chapter(
        "Why it answers so",
        (
            Term("raw-score", "Raw score",
                "What the classifier adds up before it becomes a probability. For CONFIRMED it "
                "weighs a planet against a false positive, for FALSE POSITIVE the other way "
                "round, for CANDIDATE an open signal against both. One more unit makes it about "
                "2.7 times as likely as before."),
            Term("base-value", "Base value",
                "The raw score of an average signal, where every explanation starts."),
            Term("contribution", "Contribution",
                "How much one quantity moves the raw score of this signal away from the base "
                "value (SHAP values). All contributions together lead exactly to the raw score."),
            Term("waterfall", "Waterfall",
                "The contributions one below the other, the largest first, from the average "
                "signal to this one."),
            Term("importance", "Importance",
                "The mean size of a quantity's contributions over many signals."),
        ),
    ),
    Chapter(
        "How good it is",
        (
            Term("held-out", "Stars it has not seen",
                "Every figure is measured on stars that took no part in training, with all their "
                "signals, also across missions."),
            Term("cross-validation", "Cross-validation by star",
                "The stars are dealt into five folds; each fold is judged by a classifier trained "
                "on the other four. The spread over folds tells how firm a figure is."),
            Term("accuracy", "Accuracy",
                "The share of signals whose most probable disposition is the true one."),
            Term("precision", "Precision",
                "Of the signals said to be of a disposition, the share that are."),
            Term("recall", "Recall",
                "Of the signals that are of a disposition, the share that is found."),
            Term("f1", "F1, macro-F1",
                "F1 is the harmonic mean of precision and recall; macro-F1 is its mean over the "
                "three dispositions, each counting the same however rare it is."),
            Term("roc-auc", "ROC-AUC",
                "The chance that a planet gets a higher planet score than a false positive, "
                "picked at random. 0.5 is guessing, 1 is never wrong."),
            Term("pr-auc", "PR-AUC",
                "Precision averaged over all levels of recall; it falls faster than ROC-AUC where "
                "planets are rare."),
            Term("confusion-matrix", "Confusion matrix",
                "How many signals of each true disposition got which answer."),
            Term("calibration-error", "Expected calibration error",
                "The mean distance between the probability that was stated and the share that "
                "came true, over 15 bins."),
            Term("reliability-diagram", "Reliability diagram",
                "For answers of similar probability, the share that came true against the "
                "probability that was given. On the diagonal the two agree."),
            Term("log-loss", "Log loss",
                "Minus the mean logarithm of the probability given to what was true; punishes "
                "certainty that is wrong."),
            Term("coverage", "Coverage",
                "How often the prediction set holds the true disposition."),
            Term("prospective", "Prospective figures",
                "Training on a table as it stood years ago, judging by what has been decided "
                "since. Harder than cross-validation, because the undecided signals are the "
                "difficult ones."),
        ),
    ),
    Chapter(
        "Units and signs",
        (
            Term("ppm", "ppm",
                "Parts per million: 1 % is 10,000 ppm. Earth before the Sun takes away 84 ppm."),
            Term("earth-radii", "R⊕, R☉, M☉, S⊕",
                "The radius of Earth (6,378 km), the radius and mass of the Sun, and the light "
                "that Earth receives from it (1,361 W/m²)."),
            Term("logg", "log g",
                "The logarithm of the gravity at a star's surface in cm/s². Dwarfs like the Sun "
                "have 4.4, giants less than 3.5: before a giant, a deep transit cannot be a "
                "planet's."),
            Term("dex", "dex", "A step of ten in a logarithm: 0.3 dex is a factor of two."),
        ),
    ),
)  # fmt: skip
