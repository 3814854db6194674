"""The catalogue under /api/v1/catalogue/, for programs."""

from __future__ import annotations

from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.catalogue.asking import (
    CHANGE_PARAMETERS,
    FIND_PARAMETERS,
    LIST_PARAMETERS,
    TWIN_PARAMETERS,
    ChangesForm,
    FindForm,
    PageForm,
    TwinsForm,
    checked,
)
from predictions.catalogue.changes import changes_since
from predictions.catalogue.finding import catalogue_find
from predictions.catalogue.lists import (
    SignalListForm,
    signals_of,
    tables_in_charge,
)
from predictions.catalogue.models import Signal, Star
from predictions.catalogue.shapes import (
    CatalogueChangesJson,
    CatalogueFoundJson,
    CatalogueListJson,
    CatalogueSignalJson,
    CatalogueStarJson,
    CatalogueTableJson,
    CatalogueTwinsJson,
    change_json,
    found_json,
    row_json,
    signal_json,
    star_json,
    table_json,
    twin_json,
)
from predictions.catalogue.twins.services import twins_listed
from predictions.rest.errors import ERRORS, ErrorSerializer
from predictions.rest.parameters import read_flags
from training.accounts.public import PublicView
from training.api_errors import NoSuch
from training.shapes import serializer_of


def _page(found: Any, form: PageForm, as_json: Any) -> dict[str, Any]:
    """Of a QuerySet, a list or Keys. A page beyond the last is empty: who counts on while signals
    go finds an end."""
    pages = Paginator(found, form.page_size)
    try:
        rows = list(pages.page(form.page_number))
    except EmptyPage:
        rows = []
    return {
        "count": pages.count,
        "page": form.page_number,
        "pages": pages.num_pages,
        "results": [as_json(row) for row in rows],
    }


class CatalogueTablesView(PublicView):
    @extend_schema(
        operation_id="catalogue_tables",
        responses={200: serializer_of(CatalogueTableJson)(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """The tables in charge, one per mission."""
        read_flags(request)
        return Response([table_json(table) for table in tables_in_charge()])


class CatalogueSignalsView(PublicView):
    @extend_schema(
        operation_id="catalogue_signals",
        parameters=LIST_PARAMETERS,
        responses={200: serializer_of(CatalogueListJson), **ERRORS, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        """A list of signals, filtered and sorted as on its page."""
        form = checked(request, SignalListForm, LIST_PARAMETERS)
        page = checked(request, PageForm, LIST_PARAMETERS)
        if form.unknown:
            raise NoSuch(f"The catalogue has no list “{form.unknown}”; /catalogue/lists has all.")
        listed = _page(form.keys(), page, int)
        signals = signals_of(listed["results"], form.rows)
        return Response(listed | {"results": [*map(row_json, signals)]})


class CatalogueSignalView(PublicView):
    @extend_schema(
        operation_id="catalogue_signal",
        responses={200: serializer_of(CatalogueSignalJson), **ERRORS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """One signal: what the archive says and said, and what each version says."""
        read_flags(request)
        signals = Signal.objects.select_related("star", "scored_by").defer("scored_by__metadata")
        return Response(signal_json(get_object_or_404(signals, slug=slug)))


class CatalogueStarView(PublicView):
    @extend_schema(
        operation_id="catalogue_star",
        responses={200: serializer_of(CatalogueStarJson), **ERRORS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """One star with the signals of all missions."""
        read_flags(request)
        return Response(star_json(get_object_or_404(Star, slug=slug)))


class CatalogueFindView(PublicView):
    @extend_schema(
        operation_id="catalogue_find",
        parameters=FIND_PARAMETERS,
        responses={200: serializer_of(CatalogueFoundJson), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Signals and stars by a name in any form, or around a position."""
        form = checked(request, FindForm, FIND_PARAMETERS)
        return Response(found_json(catalogue_find(form.cleaned_data["q"])))


class CatalogueChangesView(PublicView):
    @extend_schema(
        operation_id="catalogue_changes",
        parameters=CHANGE_PARAMETERS,
        responses={200: serializer_of(CatalogueChangesJson), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """What tables said otherwise than those before them, the newest first."""
        given = checked(request, ChangesForm, CHANGE_PARAMETERS).cleaned_data
        page = checked(request, PageForm, CHANGE_PARAMETERS)
        found = changes_since(**given)
        return Response(_page(found, page, change_json))


class CatalogueTwinsView(PublicView):
    @extend_schema(
        operation_id="catalogue_twins",
        parameters=TWIN_PARAMETERS,
        responses={200: serializer_of(CatalogueTwinsJson), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Planets that two missions list, and where the archive says different things of one."""
        form = checked(request, TwinsForm, TWIN_PARAMETERS)
        page = checked(request, PageForm, TWIN_PARAMETERS)
        conflicts_only = form.cleaned_data.get("show") == "conflicts"
        pairs = twins_listed(conflicts_only=conflicts_only)
        return Response(_page(pairs, page, twin_json))
