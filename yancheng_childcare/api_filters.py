"""What narrows a list of the API: declared once as a filter set, checked, described and refused like a body."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from .api_input import unknown_names
from .api_pages import PageQuery
from .schema import PortalView


class Read(forms.Field):
    """A parameter read by a field of a serializer: the same words and codes as in a body."""

    def __init__(self, *args: Any, reader: serializers.Field, **kwargs: Any):  # type: ignore[type-arg]
        super().__init__(*args, **kwargs)
        self.reader = reader

    def clean(self, value: Any) -> Any:
        """The value, None for an absent or empty one."""
        if value in self.empty_values:
            return None
        try:
            return self.reader.run_validation(value)
        except ValidationError as error:
            details = error.detail if isinstance(error.detail, list) else []
            raise forms.ValidationError(
                [forms.ValidationError(str(words), code=str(getattr(words, "code", ""))) for words in details]
            ) from None


class ReadFilter(django_filters.Filter):  # type: ignore[misc]  # no types
    """A filter whose parameter is read by a field of a serializer."""

    field_class = Read


def parameter(reader: Any, field_name: str | None = None, lookup_expr: str = "exact", **more: Any) -> Any:
    """The filter of one parameter: `reader` checks and describes it, the rest says what it asks of the rows."""
    made = ReadFilter(field_name, lookup_expr, reader=reader, required=False, **more)
    return extend_schema_field(reader)(made)


class ApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """The parameters by which one list of the API is narrowed."""


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # no types
    """Refuses names and values it does not know: a misspelt filter must not be dropped silently."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The rows that match. Raises ValidationError (422) with everything that is wrong, the page's parameters too."""
        filters = self.get_filterset(request, queryset, view)
        given = {name: value for name, value in request.query_params.items() if value != ""}
        known = view.page_class().fields
        page = view.page_class(data={name: value for name, value in given.items() if name in known})
        if strange := [name for name in given if name not in filters.filters and name not in known]:
            raise ValidationError(unknown_names(strange), code="unknown")
        page.is_valid()
        wrong: dict[str, Any] = {}
        for name, errors in filters.errors.as_data().items():
            wrong[name] = [ErrorDetail(str(error.message), error.code or "invalid") for error in errors]
        if wrong := {**wrong, **page.errors}:
            raise ValidationError(wrong)
        view.page_query = dict(page.validated_data)
        return filters.qs


class PortalList(PortalView):
    """A list of the API: `filterset_class` narrows it, `narrowed` gives its rows and the parameters of the page."""

    filter_backends = (StrictFilterBackend,)
    filterset_class: type[ApiFilter]
    page_class: type[serializers.Serializer[Any]] = PageQuery
    queryset: QuerySet[Any]  # whose model it lists, for the description
    page_query: dict[str, Any]

    def narrowed(self, request: Any, rows: QuerySet[Any]) -> tuple[QuerySet[Any], dict[str, Any]]:
        """The rows that match, and the page that was asked for. Raises ValidationError (422)."""
        return StrictFilterBackend().filter_queryset(request, rows, self), self.page_query
