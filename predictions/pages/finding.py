"""What somebody types or pastes into the box of the header or that of the first page: a name in any
form, a position, a row, or rows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from predictions.catalogue.finding import CatalogueFound, Match, catalogue_find
from predictions.pages.examples import EXAMPLES, Example
from predictions.signals.forms import PastedRow, read_pasted
from predictions.signals.models import Prediction
from training.ml.errors import ArtifactError, UserError
from training.ml.schema import FEATURE_BY_NAME, SIX_PARAMETERS, Mission
from training.ml.sky.name_index import NameIndex
from training.ml.sky.names import mission_of_name, signal_name
from training.ml.sky.positions import looks_like_position
from training.ml.tables.reading.text_block import is_number
from training.models import ModelVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from training.ml.sky.period_radius import KnownPoints

CLOSE: Final = 5
NAME_LENGTH: Final = 60
"""No name is longer; what is, is a table or a mistake."""
_SEPARATORS: Final = re.compile(r"[,;\t]|\s{2,}")
_MISSIONS: Final = {str(mission).lower(): str(mission) for mission in Mission}


@dataclass(frozen=True)
class Found:
    """One of these, or a sentence why there is none."""

    example: Example | None = None
    prediction: Prediction | None = None
    row: PastedRow | None = None
    table: str = ""
    sentence: str = ""
    close: list[str] = field(default_factory=list)
    """Names that are like the one that was typed."""
    matches: list[Match] = field(default_factory=list)
    """Signals and stars of the catalogue, where the text stands for some."""

    @property
    def address(self) -> str:
        """Where it leads by looking alone; "" where there is a choice, a row, or nothing."""
        if len(self.matches) == 1:
            return self.matches[0].address
        if self.example:
            return f"{reverse('classify')}?example={self.example.key}"
        return self.prediction.get_absolute_url() if self.prediction else ""


def find(text: str, user: User | None) -> Found:
    """What ``text`` stands for; never raises for what people type. Who is not signed in (None) is
    told what the catalogue knows."""
    text = text.replace("\0", "").strip()  # which PostgreSQL refuses
    if not text:
        return Found(sentence="Type a name, paste a row of a table, or choose a file.")
    if user is None:
        return _for_everybody(text)
    if _is_name(text) or _is_position(text):
        return _named(text, user)
    try:
        row = _numbers_alone(text) or read_pasted(_unfolded(text))
    except UserError as error:
        return _no_row(text, error.message)
    return Found(row=row)


def _for_everybody(text: str) -> Found:
    known = catalogue_find(text)
    nothing = "" if known.matches else f"“{text}” is no signal and no star of the catalogue."
    close = [match.why for match in known.close]
    return Found(matches=known.matches, close=close, sentence=known.sentence or nothing)


def _no_row(text: str, why: str) -> Found:
    """Several rows are a table; one line may be a name with signs in it that rows have."""
    if len([line for line in text.splitlines() if line.strip()]) > 2:
        return Found(table=text)
    known = catalogue_find(text) if "\n" not in text else CatalogueFound()
    return Found(matches=known.matches) if known.matches else Found(sentence=why)


def _is_name(text: str) -> bool:
    one_line = "\n" not in text and len(text) <= NAME_LENGTH
    return one_line and not re.search(r"[,;\t={]", text)


def _is_position(text: str) -> bool:
    """Two numbers with a comma between are one; more are a row of a table."""
    return "\n" not in text and text.count(",") <= 1 and looks_like_position(text)


# --- a name ---------------------------------------------------------------------------------------


def _named(name: str, user: User) -> Found:
    known = catalogue_find(name)
    if known.matches and not known.is_by_letter:
        return Found(matches=known.matches)
    wanted = _key(name)
    for example in EXAMPLES:
        if wanted in {_key(example.name), _key(example.identifier), _key(example.full_name)}:
            # One planet by its letter and its number.
            listed = [one for one in catalogue_find(example.identifier).matches if not one.is_star]
            return Found(matches=listed) if listed else Found(example=example)
    earlier = Prediction.objects.owned_by(user).search(name).with_version()
    for prediction in earlier[:CLOSE]:
        if _key(prediction.identifier) == wanted:
            return Found(prediction=prediction)
    if known.matches or known.sentence:
        return Found(matches=known.matches, sentence=known.sentence)
    points = _points()
    if points is not None and (at := _place(points, wanted)) is not None:
        return Found(row=_from_point(points, at))
    return _unknown(name, points, [match.why for match in known.close])


def _key(name: str) -> str:
    """The same for every spelling of one name."""
    return re.sub(r"[\s_-]", "", signal_name(name)).lower()


def _points() -> KnownPoints | None:
    try:
        return ModelVersion.objects.serving().classifier.points
    except (ModelVersion.DoesNotExist, ArtifactError):
        return None


def _place(points: KnownPoints, wanted: str) -> int | None:
    places = (at for at, name in enumerate(points.names) if name and _key_of_known(name) == wanted)
    return next(places, None)


def _key_of_known(name: str) -> str:
    return name.replace(" ", "").replace("-", "").lower()  # spelled as signal_name spells


def _from_point(points: KnownPoints, at: int) -> PastedRow:
    """The form with what the site keeps of a signal that the version in service has learnt from."""
    name = points.names[at]
    values = {
        "mission": str(mission_of_name(name) or Mission.OTHER),
        "orbital_period": f"{points.period[at]:.7g}",
        "planet_radius": f"{points.radius[at]:.4g}",
    }
    note = (
        f"The version in service has learnt from {name}, but the site keeps only its period and"
        " radius: add duration and depth, or paste its row from the archive."
    )
    return PastedRow(values, name, [note])


def _unknown(name: str, points: KnownPoints | None, listed: list[str]) -> Found:
    learnt = () if points is None else tuple(one for one in points.names if one)
    like = [] if listed else _index(learnt).like(name, CLOSE)
    sentence = (
        f"“{name}” is no signal that the site knows, and no row of a table. Paste its row with the"
        " header line, or type its numbers into the form."
    )
    names = dict.fromkeys([*listed, *(match.name for match in like)])
    return Found(sentence=sentence, close=list(names)[:CLOSE])


@lru_cache(maxsize=1)
def _index(learnt: tuple[str, ...]) -> NameIndex:
    """Names of the examples and of what the version in service has learnt from."""
    names = [*(example.name for example in EXAMPLES), *learnt]
    return NameIndex(names, range(len(names)))


# --- a row ----------------------------------------------------------------------------------------


def _unfolded(text: str) -> str:
    """A JSON object as lines of name = value; anything else as it is."""
    try:
        loaded = json.loads(text)
    except ValueError:
        return text
    if not isinstance(loaded, dict) or any(isinstance(v, list | dict) for v in loaded.values()):
        return text
    return "\n".join(f"{name} = {value}" for name, value in loaded.items() if value is not None)


def _numbers_alone(text: str) -> PastedRow | None:
    """A row without a header, of three or six numbers, perhaps behind a name or mission; it is read
    in the order in which people state them."""
    if len(text.splitlines()) != 1:
        return None
    cells = [cell.strip() for cell in _SEPARATORS.split(text) if cell.strip()]
    words = [cell for cell in cells if not is_number(cell)]
    numbers = cells[len(words) :]
    in_order = all(map(is_number, numbers)) and len(words) <= 2
    if not in_order or len(numbers) not in (3, len(SIX_PARAMETERS)):
        return None
    missions = [_MISSIONS[word.lower()] for word in words if word.lower() in _MISSIONS]
    name = next((word for word in words if word.lower() not in _MISSIONS), "")
    mission = missions[0] if missions else str(mission_of_name(name) or Mission.OTHER)
    features = [FEATURE_BY_NAME[key] for key in SIX_PARAMETERS[: len(numbers)]]
    order = ", ".join(f"{f.label.lower()} [{f.unit}]" for f in features)
    values = {f.name: number for f, number in zip(features, numbers, strict=True)}
    note = f"The row has no header, so it was read in this order: {order}."
    return PastedRow({"mission": mission, **values}, name, [note])
