"""Folders of light curves as programs see them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from predictions.curves.folders.grouping import Refused
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.pages import counts_of
from predictions.curves.folders.services import searches_of
from predictions.curves.folders.unpacking import MOST_FILES
from predictions.curves.models import CurveSearch
from training.ml.curves.glance import TIME_UNITS
from training.ml.schema import Mission
from training.shapes import serializer_of


class FolderRequestSerializer(serializers.Serializer[Any]):
    """Light curves of many stars as multipart form data. All but the files is for those that do
    not say it themselves."""

    files = serializers.ListField(
        child=serializers.FileField(),
        min_length=1,
        max_length=MOST_FILES,
        help_text="The part “files”, once for each: ZIP archives, FITS as MAST gives it, tables.",
    )
    mission = serializers.ChoiceField(choices=[str(mission) for mission in Mission], required=False)
    time_column = serializers.CharField(required=False)
    flux_column = serializers.CharField(required=False)
    time_unit = serializers.ChoiceField(choices=TIME_UNITS, required=False)
    time_zero = serializers.FloatField(
        required=False, help_text="The Julian date from which times count."
    )


class FolderStarSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=CurveSearch.Status.choices)
    reason = serializers.CharField(allow_blank=True)
    files = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField(help_text="The search of this star, with its result.")


class FolderSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=CurveFolder.Status.choices)
    reason = serializers.CharField(allow_blank=True, help_text="Why it failed, in a sentence.")
    stars = serializers.IntegerField(min_value=0, help_text="0 until the files are read.")
    stars_ended = serializers.IntegerField(min_value=0)
    stars_failed = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField(allow_null=True)
    batch = serializers.URLField(
        allow_null=True, help_text="The batch of the measured rows, once every star is searched."
    )
    url = serializers.URLField(help_text="This resource.")
    page = serializers.URLField(help_text="The same for people.")


class FolderDetailSerializer(FolderSerializer):
    searches = FolderStarSerializer(many=True)
    refused = serializer_of(Refused)(many=True, help_text="Files that no star got.")


def folder_json(folder: CurveFolder, request: Request) -> dict[str, Any]:
    counts = counts_of(folder)
    batch = folder.batch_id and reverse("batch_api", args=[folder.batch_id])
    return {
        "id": folder.pk,
        "name": folder.name,
        "status": folder.status,
        "reason": folder.reason,
        "stars": counts["stars"],
        "stars_ended": counts["ended"],
        "stars_failed": counts["failed"],
        "created_at": folder.created_at,
        "finished_at": folder.finished_at,
        "kept_until": folder.kept_until,
        "batch": request.build_absolute_uri(batch) if batch else None,
        "url": request.build_absolute_uri(reverse("curve_folder_api", args=[folder.pk])),
        "page": request.build_absolute_uri(folder.get_absolute_url()),
    }


def folder_detail_json(folder: CurveFolder, request: Request) -> dict[str, Any]:
    searches = searches_of(folder).only("name", "status", "reason", "files")
    stars = [
        {
            "name": search.name,
            "status": search.status,
            "reason": search.reason,
            "files": search.file_names,
            "url": request.build_absolute_uri(reverse("curve_api", args=[search.pk])),
        }
        for search in searches
    ]
    return folder_json(folder, request) | {"searches": stars, "refused": folder.refused}
