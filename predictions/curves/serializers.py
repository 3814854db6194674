"""Searches of light curves as programs see them; also what the OpenAPI document says about them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from predictions.curves.asking import GivenJson
from predictions.curves.forms import MOST_ZERO
from predictions.curves.known_stars import SOURCES
from predictions.curves.models import CurveSearch
from predictions.curves.shapes import Measured
from predictions.signals.serializers import VerdictSerializer
from training.ml.curves.glance import TIME_UNITS
from training.ml.curves.read import MAX_FILES
from training.ml.schema import Mission
from training.shapes import serializer_of

MeasuredSerializer = serializer_of(Measured)
StatedSerializer = serializer_of(GivenJson)


def _number(words: str) -> serializers.FloatField:
    return serializers.FloatField(required=False, help_text=words)


class CurveRequestSerializer(serializers.Serializer[Any]):
    """Light curves of one star as multipart form data."""

    files = serializers.ListField(
        child=serializers.FileField(),
        min_length=1,
        max_length=MAX_FILES,
        help_text="The part “files”, once for each: FITS as MAST gives it, or a table.",
    )
    name = serializers.CharField(
        required=False, max_length=100, help_text="Of the star; as in the files unless given."
    )
    mission = serializers.ChoiceField(
        choices=[str(mission) for mission in Mission],
        required=False,
        help_text="Where the files do not tell.",
    )
    teff = _number("Effective temperature in K. Without it and the radius there is no verdict.")
    radius = _number("Of the star, in solar radii.")
    logg = _number("Surface gravity, log10(cm/s²).")
    metallicity = _number("[Fe/H] in dex.")
    magnitude = _number("In the mission's band.")
    ra = _number("Right ascension in degrees, J2000.")
    dec = _number("Declination in degrees, J2000.")
    time_column = serializers.CharField(required=False)
    flux_column = serializers.CharField(required=False)
    time_unit = serializers.ChoiceField(choices=TIME_UNITS, required=False)
    time_zero = _number("The Julian date from which times count.")


class CurveAgainSerializer(serializers.Serializer[Any]):
    signal = serializers.IntegerField(
        min_value=1, max_value=20, default=1, help_text="Which one; a new number adds one."
    )
    period = serializers.FloatField(min_value=0.1, max_value=10_000, help_text="In days.")
    epoch = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_ZERO,
        help_text="Of a mid-transit, as the result tells times; else where the dip is strongest.",
    )


class CurveSignalSerializer(serializers.Serializer[Any]):
    """One signal. Period and verdict are null where ``no_verdict`` says why."""

    order = serializers.IntegerField(min_value=1)
    period = MeasuredSerializer(allow_null=True, help_text="In days.")
    epoch = MeasuredSerializer(
        help_text="BJD; in the files' own time where their zero point is not known."
    )
    duration_hours = MeasuredSerializer()
    depth_ppm = MeasuredSerializer()
    radius_ratio = MeasuredSerializer()
    ingress_share = serializers.FloatField()
    snr = serializers.FloatField(allow_null=True)
    sde = serializers.FloatField(
        allow_null=True, help_text="Null where the period was stated and not searched for."
    )
    max_single_event_statistic = serializers.FloatField(allow_null=True)
    max_multiple_event_statistic = serializers.FloatField(allow_null=True)
    transit_count = serializers.IntegerField(min_value=0)
    odd_even = serializers.DictField(child=serializers.FloatField(allow_null=True))
    secondary = serializers.DictField(child=serializers.FloatField(allow_null=True))
    centroid = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        allow_null=True,
        help_text="How the middle of the light moves in transit, in pixels; null where the files do"
        " not tell it. `source_pixels`: how far from it what loses the light would stand.",
    )
    sine_ratio = serializers.FloatField(allow_null=True)
    vetoes = serializers.ListField(
        child=serializers.CharField(), help_text="What the light says against a planet."
    )
    no_verdict = serializers.ListField(child=serializers.CharField())
    inputs = serializers.DictField(help_text="The row that was classified.")
    verdict = VerdictSerializer(allow_null=True)
    stated = StatedSerializer(
        allow_null=True, help_text="Who gave the period; null where it was searched for."
    )
    prediction = serializers.UUIDField(
        allow_null=True, help_text="In your history; null without a verdict."
    )


class CurveResultSerializer(serializers.Serializer[Any]):
    files = serializers.ListField(child=serializers.CharField())
    star = serializers.DictField()
    star_from = serializers.DictField(
        child=serializers.ChoiceField(choices=SOURCES),
        help_text="Where each fact of the star is from: the files, the catalogue, or you.",
    )
    curve = serializers.DictField(child=serializers.FloatField(allow_null=True))
    notes = serializers.ListField(child=serializers.CharField())
    signals = CurveSignalSerializer(many=True, help_text="None is an answer, too.")
    ended = serializers.CharField(help_text="Why no more was looked for.")


class CurveSearchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=CurveSearch.Status.choices)
    stage = serializers.CharField(allow_blank=True)
    progress = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField(allow_blank=True, help_text="Why it failed, in a sentence.")
    files = serializers.ListField(child=serializers.CharField())
    model_version = serializers.CharField(allow_null=True)
    shared = serializers.BooleanField(help_text="With everybody who is signed in.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField(
        allow_null=True, help_text="The search is deleted then; its predictions stay."
    )
    url = serializers.URLField(help_text="This resource.")
    page = serializers.URLField(help_text="The same for people.")


class CurveSearchDetailSerializer(CurveSearchSerializer):
    """With the outcome, which is null until there is one."""

    result = CurveResultSerializer(allow_null=True)


def search_json(search: CurveSearch, request: Request) -> dict[str, Any]:
    return {
        "id": search.pk,
        "name": search.name,
        "status": search.status,
        "stage": search.stage,
        "progress": search.progress,
        "reason": search.reason,
        "files": search.file_names,
        "model_version": search.model_version.name if search.model_version else None,
        "shared": search.shared,
        "created_at": search.created_at,
        "finished_at": search.finished_at,
        "kept_until": search.kept_until,
        "url": request.build_absolute_uri(reverse("curve_api", args=[search.pk])),
        "page": request.build_absolute_uri(search.get_absolute_url()),
    }
