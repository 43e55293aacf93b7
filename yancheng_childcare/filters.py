"""What narrows a list: one base for the filters of every list of staff, and the forms behind them.

A list declares its GET parameters once, as a `ListFilter`; `components/filter_bar.html` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.forms.utils import ErrorDict

Choices = Iterable[tuple[str, Any]]
ALL = "全部"


class QuietForm(forms.Form):
    """A filter without errors: what cannot be read counts as not chosen, so a hand-made address never fails."""

    use_required_attribute = False

    def full_clean(self) -> None:
        """Keeps what could be read."""
        super().full_clean()
        self._errors = ErrorDict()

    def chosen(self, name: str) -> str:
        """The chosen value, or "" when none or not one of the choices."""
        return str(self.cleaned_data.get(name) or "") if self.is_bound and not self.errors else ""


class Short(forms.CharField):
    """Text that is cut, not refused: a longer one finds nothing more."""

    def __init__(self, *args: Any, cut: int = 100, **kwargs: Any):
        super().__init__(*args, required=False, **{k: v for k, v in kwargs.items() if k != "required"})
        self.cut = cut
        self.widget.attrs.update({"maxlength": cut, "autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value))[: self.cut]


class TextFilter(django_filters.CharFilter):  # type: ignore[misc]  # no types
    """A short text that is typed."""

    field_class = Short


class SearchFilter(TextFilter):
    """A short text that is looked for in several places: one of them is enough."""

    def __init__(self, *lookups: str, **more: Any):
        super().__init__(**more)
        self.lookups = lookups

    def filter(self, qs: Any, value: str) -> Any:
        """The rows that have it somewhere."""
        return qs.filter(Q(*((lookup, value) for lookup in self.lookups), _connector=Q.OR)) if value else qs


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """The GET parameters of one list. Unless its Meta names another form, what cannot be read narrows nothing."""

    class Meta:
        form = QuietForm

    def filter_queryset(self, queryset: Any) -> Any:
        """The rows for which all that could be read is true."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def chosen(self, name: str) -> str:
        """What was chosen, as text; "" when nothing was or it could not be read."""
        return str((self.is_bound and not self.errors.get(name) and self.form.cleaned_data.get(name)) or "")

    def everything(self) -> dict[str, str]:
        """Every parameter with what was chosen, "" for those that were not."""
        return {name: self.chosen(name) for name in self.filters}

    def offer(self, name: str, choices: Choices) -> None:
        """The choices of a filter that depend on who looks."""
        self.filters[name].extra["choices"] = list(choices)

    @property
    def narrowed(self) -> bool:
        """Whether anything that is shown in the form was chosen; a tab (a hidden field) does not count."""
        return any(self.chosen(bound.name) for bound in self.form.visible_fields())


def together(rows: Any, name: str, value: Any) -> Any:
    """The method of a filter that asks nothing by itself: its set asks it together with others."""
    return rows


def text(label: str, cut: int = 100, **more: Any) -> Any:
    """A filter by a typed text; `more` as a filter takes it (`field_name`, `lookup_expr`, `method`, `help_text`)."""
    return TextFilter(label=label, cut=cut, **more)


def search(label: str, *lookups: str, cut: int = 50) -> Any:
    """A filter by a typed text that one of the `lookups` ("name__icontains") must find."""
    return SearchFilter(*lookups, label=label, cut=cut)


def choice(label: str, choices: Choices | Callable[[], Choices] = (), everything: str = ALL, **more: Any) -> Any:
    """A filter by one of several; `everything` is the word for none of them."""
    return django_filters.ChoiceFilter(label=label, choices=choices, empty_label=everything, **more)


def tab(choices: Choices, **more: Any) -> Any:
    """A filter that is chosen by a tab and stays when the form is sent."""
    return django_filters.ChoiceFilter(choices=choices, widget=forms.HiddenInput, **more)
