"""What people are asked: one frozen dataclass is the form of the page, the input of the API and the type code reads.

A field is annotated with the form field that asks for it: `reason: Annotated[str, area("理由", 300, at_least=4)]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from django import forms

from .id_numbers import holds_id_number
from .problems import ID_NUMBER_IN_TEXT, ID_NUMBER_WORDS, Problem, refuse_id_numbers

WORDS = {
    "required": "请填写{label}。",
    "invalid": "{label}的格式不对，请检查后重填。",
    "max_length": "{label}太长，请缩短后重填。",
    "invalid_choice": "请从列表中选择{label}。",
    "min_value": "{label}太小，请按提示的范围填写。",
    "max_value": "{label}太大，请按提示的范围填写。",
}


class Worded:
    """A form with messages that name the field; browsers' own bubbles stay off, the error summary speaks.

    It names in `hashed` the fields of which only a keyed hash is kept.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]  # always mixed into a form
            for code, words in WORDS.items():
                if code in field.error_messages or code in {"min_value", "max_value", "max_length"}:
                    field.error_messages[code] = words.format(label=field.label)
            if isinstance(field, forms.ChoiceField):
                field.error_messages["required"] = f"请选择{field.label}。"
            for validator in field.validators:
                code = getattr(validator, "code", "")
                if code in WORDS:
                    validator.message = WORDS[code].format(label=field.label)  # type: ignore[attr-defined]  # class-based

    def _clean_fields(self) -> None:
        """Every text is looked at once, whatever its field: no identity number goes further."""
        super()._clean_fields()  # type: ignore[misc]  # the stub leaves it out
        for name, value in list(self.cleaned_data.items()):  # type: ignore[attr-defined]
            if name not in getattr(self, "hashed", ()) and isinstance(value, str) and holds_id_number(value):
                self.add_error(  # type: ignore[attr-defined]
                    name, forms.ValidationError(ID_NUMBER_WORDS, code=ID_NUMBER_IN_TEXT)
                )


class WordedForm(Worded, forms.Form):
    """The same for a form whose fields cannot be a dataclass: their choices are rows, or some are left out."""


ROOM = 20  # what may be typed beyond the limit: blanks that are cut
# (case, actor) → choices, for a field whose choices depend on the case.
Options = Callable[[Any, Any], list[tuple[str, str]]]


def line(
    label: str, limit: int = 100, hint: str = "", *, at_least: int = 1, required: bool = True, **attrs: str
) -> forms.Field:
    """One line of text; `attrs` of its box (`inputmode`)."""
    return _text(label, limit, hint, at_least, required, forms.TextInput, **attrs)


def area(
    label: str, limit: int = 500, hint: str = "", *, at_least: int = 1, required: bool = True, rows: int = 4
) -> forms.Field:
    """Several lines of text."""
    return _text(label, limit, hint, at_least, required, forms.Textarea, rows=rows)


def day(label: str, hint: str = "格式：2026-11-23", *, required: bool = True) -> forms.Field:
    """A date, as text: never picker-only."""
    widget = forms.DateInput(
        attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": ROOM}, format="%Y-%m-%d"
    )
    words = {"required": f"请填写{label}。", "invalid": f"{label}请写成 2026-11-23 的样子。"}
    return forms.DateField(
        label=label, help_text=hint, required=required, widget=widget, input_formats=["%Y-%m-%d"], error_messages=words
    )


def moment(label: str, hint: str = "格式：2026-11-23 14:05", *, required: bool = True) -> forms.Field:
    """A day and a time of it, as text, by the clock of Yancheng."""
    widget = forms.DateTimeInput(attrs={"autocomplete": "off", "maxlength": ROOM}, format="%Y-%m-%d %H:%M")
    words = {"required": f"请填写{label}。", "invalid": f"{label}请写成 2026-11-23 14:05 的样子。"}
    return forms.DateTimeField(
        label=label, help_text=hint, required=required, widget=widget, input_formats=["%Y-%m-%d %H:%M"],
        error_messages=words,
    )  # fmt: skip


def number(label: str, hint: str = "", *, least: int = 0, most: int = 10_000, required: bool = True) -> forms.Field:
    """A whole number."""
    words = {
        "required": f"请填写{label}。", "invalid": f"{label}请填整数。",
        "min_value": f"{label}不能小于 {least}。", "max_value": f"{label}不能大于 {most}。",
    }  # fmt: skip
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": ROOM})
    return forms.IntegerField(
        label=label, help_text=hint, required=required, widget=widget, min_value=least, max_value=most,
        error_messages=words,
    )  # fmt: skip


def choice(
    label: str, options: Options | list[tuple[str, str]], hint: str = "", *, required: bool = True
) -> forms.Field:
    """One of a few, all of them seen."""
    words = {"required": f"请选择{label}。", "invalid_choice": f"请在列出的{label}中选择。"}
    field = forms.ChoiceField(
        label=label, help_text=hint, required=required, widget=forms.RadioSelect, error_messages=words
    )
    if callable(options):
        field.options = options  # type: ignore[attr-defined]
    else:
        field.choices = options
    return field


def several(label: str, options: Options, hint: str = "", *, least: int = 1, most: int = 100) -> forms.Field:
    """Some of a list, all of them seen. The answer is a list of their names."""
    words = {
        "required": f"请选择{label}。",
        "invalid_choice": f"请在列出的{label}中选择。",
        "invalid_list": f"请选择{label}。",
    }
    field = Several(
        label=label, help_text=hint, required=least > 0, widget=forms.CheckboxSelectMultiple, error_messages=words
    )
    field.options, field.least, field.most = options, least, most
    return field


class Several(forms.MultipleChoiceField):
    """A choice of at least `least` and at most `most`."""

    options: Options
    least, most = 1, 100

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if not self.least <= len(set(value)) <= self.most:
            limit = f"至少 {self.least} 项" if len(value) < self.least else f"至多 {self.most} 项"
            raise forms.ValidationError(f"{self.label}请选择{limit}。")


@dataclass(frozen=True, slots=True)
class Why:
    """Nothing but a reason."""

    reason: Annotated[str, area("理由", 300, "4 到 300 个字；会告知当事人并留存，不写个人信息", at_least=4)]


class Questions(forms.Form):
    """The form of one class of answers, made by `form_of`."""

    use_required_attribute = False
    answers: type

    def __init__(self, data: Mapping[str, Any] | None, *, case: Any = None, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for field in self.fields.values():
            if options := getattr(field, "options", None):
                field.choices = options(case, actor)  # type: ignore[attr-defined]

    def clean(self) -> None:
        """No identity number is kept in an answer, whoever reads the form (`read`, or a page by itself)."""
        for problem in refuse_id_numbers(self.cleaned_data):
            field = problem.field if problem.field in self.fields else None  # one of several: said above the form
            self.add_error(field, forms.ValidationError(problem.message, code=problem.code))


@cache
def form_of(answers: type) -> type[Questions]:
    """The form that asks for these answers. Raises TypeError for a field without a question."""
    if not is_dataclass(answers):
        raise TypeError(f"{answers.__name__} is no dataclass")
    hints = get_type_hints(answers, include_extras=True)
    asked: dict[str, Any] = {"answers": answers}
    for known in fields(answers):
        questions = [one for one in get_args(hints[known.name]) if isinstance(one, forms.Field)]
        if len(questions) != 1:
            raise TypeError(f"{answers.__name__}.{known.name} has no question")
        asked[known.name] = questions[0]
    return type(f"{answers.__name__}Form", (Questions,), asked)


def given(form: Questions, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent for each question of the form, as text (a list of texts for `several`), unchecked."""
    found = {name: field.widget.value_from_datadict(data, {}, name) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in found.items()}


def read(form: Questions, code: str) -> tuple[Any, list[Problem]]:
    """(the answers, []), or (None, everything that is wrong with them under `code`), field by field."""
    problems = [
        Problem(ID_NUMBER_IN_TEXT if error.code == ID_NUMBER_IN_TEXT else code, name, str(message))
        for name, errors in form.errors.as_data().items()
        for error in errors
        for message in error.messages
    ]
    return (None, problems) if problems else (form.answers(**form.cleaned_data), [])


def described(answers: type | None, case: Any, actor: Any) -> list[dict[str, Any]]:
    """The questions for the API: name, label, hint, whether required, and the choices where there are any."""
    if answers is None:
        return []
    form = form_of(answers)(None, case=case, actor=actor)
    return [
        {
            "name": name,
            "label": str(field.label),
            "hint": str(field.help_text),
            "required": field.required,
            "choices": [[value, str(words)] for value, words in getattr(field, "choices", [])],
        }
        for name, field in form.fields.items()
    ]


class Text(forms.CharField):
    """Text in which a line break is one character, as the browser counted it; forms send two (HTML 4.10.21.5)."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_line_end(value))


def one_line_end(value: Any) -> Any:
    """Typed text with a line break as one character."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _text(
    label: str, limit: int, hint: str, at_least: int, required: bool, widget: type[forms.Widget], **attrs: Any
) -> forms.Field:
    words = {
        "required": f"请填写{label}。",
        "min_length": f"{label}不少于 {at_least} 个字。",
        "max_length": f"{label}不超过 {limit} 个字。",
        "null_characters_not_allowed": f"{label}里有不能保存的字符，请重新输入。",
    }
    field = Text(
        label=label, help_text=hint, required=required, min_length=at_least, max_length=limit, error_messages=words,
        widget=widget(attrs={"autocomplete": "off", **attrs}),
    )  # fmt: skip
    # The browser counts what is typed, the limit what is left without blanks.
    field.widget.attrs["maxlength"] = limit + ROOM
    field.widget.attrs.pop("minlength", None)
    return field
