"""What programs are told about the catalogue."""

from __future__ import annotations

from typing import Annotated, Final, TypedDict

from predictions.catalogue.changes import changes_since
from predictions.catalogue.columns import row_of
from predictions.catalogue.finding import CatalogueFound, Match
from predictions.catalogue.foresight.models import Foresight
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    ScoreFields,
    Signal,
    Star,
)
from predictions.catalogue.others.linking import also_listed
from predictions.catalogue.others.models import OtherSignal
from predictions.catalogue.twins.models import Twin
from predictions.catalogue.twins.services import twins_of
from training.ml.json_notes import Note
from training.models import ModelVersion

Text = Annotated[str, Note(may_be_empty=True)]


class CatalogueRowJson(TypedDict):
    """A signal as lists have it: days, hours, ppm, Earth radii; times are BJD, positions J2000
    degrees."""

    name: str
    listed_name: str
    star: str
    mission: str
    ra: float | None
    dec: float | None
    period: float | None
    epoch: float | None
    epoch_error: float | None
    duration: float | None
    depth: float | None
    radius: float | None
    magnitude: float | None
    disposition: Annotated[str, Note("Of the archive; empty where it has none.", may_be_empty=True)]
    archive_word: Text
    planet_score: float | None
    open_score: float | None
    basis: Annotated[
        str,
        Note(
            "“out of fold”: answered by what had not seen the star, because the version has learnt"
            " from the signal; “star known”: its own answer, though it learnt from the star;"
            " “unseen”: its own answer.",
            may_be_empty=True,
        ),
    ]
    scored_by: Annotated[str, Note("The model version.", may_be_empty=True)]
    temperature: Annotated[float | None, Note("Equilibrium, K, zero albedo.")]
    tsm: Annotated[float | None, Note("Transmission metric, Kempton et al. 2018.")]
    esm: Annotated[float | None, Note("Emission metric, Kempton et al. 2018.")]
    score_tsm: Annotated[float | None, Note("Open score times TSM.")]
    score_esm: Annotated[float | None, Note("Open score times ESM.")]
    estimated: Annotated[str, Note("Inputs of both that were estimated.", may_be_empty=True)]
    lost_from: Annotated[
        float | None, Note("BJD after which the next transit is uncertain by an hour.")
    ]
    warnings: Annotated[
        str, Note("ephemeris, contradiction, duplicate, near_star, conflict.", may_be_empty=True)
    ]
    created: Text
    updated: Text
    slug: Annotated[str, Note("The signal in an address.")]
    list: Annotated[
        str, Note("The other list that has it; empty for the missions' signals.", may_be_empty=True)
    ]
    list_says: Annotated[
        str, Note("What that list says, which is no disposition.", may_be_empty=True)
    ]
    list_word: Annotated[str, Note("The same in the list's own word.", may_be_empty=True)]
    same_as: Annotated[
        str,
        Note(
            "Slug of the missions' signal that it is; what they say of it is the disposition.",
            may_be_empty=True,
        ),
    ]
    simulated: Annotated[bool, Note("Whether it is made up, for trying the site.")]


class CatalogueListJson(TypedDict):
    count: int
    page: int
    pages: int
    results: list[CatalogueRowJson]


class CatalogueScoreJson(TypedDict):
    version: str
    planet_score: float | None
    open_score: float | None
    probabilities: dict[str, float]
    prediction_set: list[str]
    basis: str


class CatalogueSaidJson(TypedDict):
    version: str
    planet_score: float | None
    open_score: float | None
    basis: Annotated[str, Note("As in a row of a list.")]


class CatalogueChangeJson(TypedDict):
    signal: str
    kind: str
    old: Text
    new: Text
    mission: str
    as_of: Annotated[str, Note("The day of the table that says so.")]
    said_before: Annotated[
        list[CatalogueSaidJson],
        Note("What versions had said of an open signal until this decision, the newest first."),
    ]
    said_today: Annotated[
        CatalogueSaidJson | None, Note("What the version in service says of the signal now.")
    ]
    simulated: Annotated[bool, Note("Whether the signal is made up.")]


class CatalogueChangesJson(TypedDict):
    count: int
    page: int
    pages: int
    results: list[CatalogueChangeJson]


class CatalogueTwinJson(TypedDict):
    """One planet that two missions list."""

    one: CatalogueRowJson
    other: CatalogueRowJson
    ratio: Annotated[float, Note("The other’s period over the first one’s: a half, one, or two.")]
    is_conflict: Annotated[bool, Note("Whether the archive says different things of them.")]


class CatalogueTwinsJson(TypedDict):
    count: int
    page: int
    pages: int
    results: list[CatalogueTwinJson]


class CatalogueSignalJson(TypedDict):
    signal: CatalogueRowJson
    names: list[str]
    is_listed: bool
    inputs: Annotated[dict[str, float], Note("Numeric inputs by schema name, as read.")]
    scores: Annotated[list[CatalogueScoreJson], Note("Of every version, the latest first.")]
    changes: list[CatalogueChangeJson]
    siblings: Annotated[list[str], Note("Other signals of the star, by their slugs.")]
    also_in: Annotated[list[str], Note("Other lists that have this signal, too.")]
    twins: Annotated[list[str], Note("What other missions list as the same planet, by slugs.")]


class CatalogueStarJson(TypedDict):
    name: str
    slug: str
    names: list[str]
    ra: float | None
    dec: float | None
    simulated: Annotated[bool, Note("Whether it is made up, with its signals.")]
    signals: list[CatalogueRowJson]
    others: Annotated[
        list[CatalogueRowJson], Note("Of other lists; those with same_as stand in both.")
    ]


class CatalogueMatchJson(TypedDict):
    name: str
    address: str
    why: str
    is_star: bool


class CatalogueFoundJson(TypedDict):
    matches: list[CatalogueMatchJson]
    close: Annotated[list[CatalogueMatchJson], Note("The nearest names, where none is the same.")]
    sentence: Text
    simulated: Annotated[bool, Note("Whether the catalogue is one of made-up signals.")]


class CatalogueTableJson(TypedDict):
    mission: str
    dataset: str
    as_of: str
    signals: int
    counts: Annotated[dict[str, int], Note("Against the table before; empty for the first.")]
    simulated: Annotated[bool, Note("Whether its signals are made up.")]


_OF_MISSIONS: Final = {"list": "", "list_says": "", "list_word": "", "same_as": ""}
_OF_OTHERS: Final = {"archive_word": "", "created": "", "updated": ""}


def row_json(signal: Signal | OtherSignal) -> CatalogueRowJson:
    row = row_of(signal)
    if isinstance(signal, OtherSignal):
        same = signal.same_as.slug if signal.same_as else ""
        for name in ("list_source", "list_citation"):  # once, with the list
            row.pop(name)
        row |= _OF_OTHERS | {"same_as": same}
    else:
        row |= _OF_MISSIONS
    own = {"slug": signal.slug, "simulated": signal.is_simulated}
    shaped: CatalogueRowJson = row | own  # type: ignore[assignment]
    return shaped


def score_json(score: ScoreFields) -> CatalogueScoreJson:
    return {
        "version": score.version.name,
        "planet_score": score.planet_score,
        "open_score": score.open_score,
        "probabilities": score.probabilities,
        "prediction_set": score.set_members,
        "basis": score.basis,
    }


def change_json(change: DispositionChange) -> CatalogueChangeJson:
    signal = change.signal
    return {
        "signal": signal.slug,
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "mission": change.table.mission,
        "as_of": change.table.as_of.isoformat(),
        "said_before": [_said_json(said, said.version) for said in change.foresights.all()],
        "said_today": _said_json(signal, signal.scored_by) if signal.scored_by else None,
        "simulated": change.signal.is_simulated,
    }


def _said_json(said: Foresight | Signal, version: ModelVersion) -> CatalogueSaidJson:
    return {
        "version": version.name,
        "planet_score": said.planet_score,
        "open_score": said.open_score,
        "basis": said.basis,
    }


def twin_json(pair: Twin) -> CatalogueTwinJson:
    return {
        "one": row_json(pair.one),
        "other": row_json(pair.other),
        "ratio": pair.ratio,
        "is_conflict": pair.is_conflict,
    }


def signal_json(signal: Signal) -> CatalogueSignalJson:
    scores = signal.scores.select_related("version").defer("version__metadata", "version__notes")
    changes = changes_since().filter(signal=signal).order_by("pk")
    numbers = {k: v for k, v in signal.inputs.items() if isinstance(v, float | int)}
    siblings = list(signal.star.signals.exclude(pk=signal.pk).order_by("period"))
    return {
        "signal": row_json(signal),
        "names": _names(signal),
        "is_listed": signal.is_listed,
        "inputs": numbers,
        "scores": [score_json(score) for score in scores],
        "changes": [change_json(change) for change in changes],
        "siblings": [one.slug for one in siblings],
        "twins": [pair.other.slug for pair in twins_of(signal, siblings)],
        "also_in": sorted({other.list.name for other in also_listed(signal)}),
    }


def star_json(star: Star) -> CatalogueStarJson:
    found = star.signals.select_related("star", "scored_by").order_by("period", "name")
    signals = list(found.defer("inputs", "scored_by__metadata"))
    others = star.others.listed().select_related("star", "scored_by", "list", "same_as")
    return {
        "name": star.name,
        "slug": star.slug,
        "names": _names(star),
        "ra": star.ra,
        "dec": star.dec,
        "simulated": any(signal.is_simulated for signal in signals),
        "signals": [row_json(signal) for signal in signals],
        "others": [row_json(one) for one in others.defer("inputs", "scored_by__metadata")],
    }


def _names(one: Signal | Star) -> list[str]:
    return list(dict.fromkeys(one.names.values_list("name", flat=True)))


def match_json(match: Match) -> CatalogueMatchJson:
    return {
        "name": match.name,
        "address": match.address,
        "why": match.why,
        "is_star": match.is_star,
    }


def found_json(found: CatalogueFound) -> CatalogueFoundJson:
    return {
        "matches": [match_json(match) for match in found.matches],
        "close": [match_json(match) for match in found.close],
        "sentence": found.sentence,
        "simulated": CatalogueTable.objects.simulated().exists(),
    }


def table_json(table: CatalogueTable) -> CatalogueTableJson:
    return {
        "mission": table.mission,
        "dataset": table.dataset.name,
        "as_of": table.as_of.isoformat(),
        "signals": table.signals,
        "counts": table.counts,
        "simulated": table.dataset.is_simulated,
    }
