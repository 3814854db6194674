"""Queries that every request asks, with their SQL built once: building it takes Django longer than asking it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.query import get_related_populators

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")
_PLACE: Final = "\N{REPLACEMENT CHARACTER} the text to look for"


class PreparedQuery(Generic[Row]):
    """What ``make(text)`` finds, asked anew each time. ``text`` must be no more than a parameter of the query."""

    def __init__(self, make: Callable[[str], QuerySet[Row]]) -> None:
        self._make = make
        self._plan: _Plan | None = None

    def rows(self, text: str = "") -> list[Row]:
        if self._plan is None:
            self._plan = _Plan(self._make(_PLACE))
        return self._plan.rows(text)


class _Plan:
    """The SQL of a queryset, and how its answers become the objects that the queryset itself would give."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._parameters = compiler.as_sql()
        self._converters = list(compiler.get_converters([column for column, *_ in compiler.select]).items())
        klass = compiler.klass_info
        self._model = klass["model"]
        own = klass["select_fields"]
        self._own = slice(own[0], own[-1] + 1)
        self._names = [column.target.attname for column, *_ in compiler.select[self._own]]
        self._related = get_related_populators(klass, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of a later Django

    def rows(self, text: str) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [text if value == _PLACE else value for value in self._parameters])
            return [self._object(list(row), connection) for row in cursor.fetchall()]

    def _object(self, row: list[Any], connection: Any) -> Any:
        for place, (converters, expression) in self._converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        found = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for populator in self._related:
            populator.populate(row, found)
        return found
