"""Registrations as the API takes and gives them: the names of domain.md §1.2, personal fields masked."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework import serializers

from yancheng_childcare.api_input import StrictSerializer, Text, unknown_names
from yancheng_childcare.problems import Problem, Rejected

from ..choices import CapitalKind, CertificateType, EntryChannel, Nature, RegistrationStatus
from ..codes.registration import NOT_TEXT, USCC_FIXED
from ..models import Institution
from ..rules import TEXTS
from ..rules.uscc import normalise
from ..rules.values import TextRule, as_day, read_text
from .fields import CHANGEABLE, DATES, ENTERED, LABELS
from .workflow import REGISTRATION

REASON = TextRule("原因", 300, lines=True)
OPTIONAL = ("purpose", "supervising_unit", "valid_to", "contact_phone", "capital_kind")
AUTHORITY = "registry_org_id"


def _entered_field(name: str, *, required: bool) -> serializers.Field[Any, Any, Any, Any]:
    """One entered field as the schema shows it; what is wrong with a value is said by `registry.rules`."""
    common: dict[str, Any] = {"required": required and name not in OPTIONAL, "help_text": LABELS[name]}
    if name in OPTIONAL:
        common["allow_null"] = True
    if name in DATES:
        return serializers.DateField(**common)
    if name == "registered_capital":
        return serializers.DecimalField(max_digits=16, decimal_places=6, **common)
    if name == "nature":
        return serializers.ChoiceField(choices=Nature.choices, **common)
    if name == "capital_kind":
        return serializers.ChoiceField(choices=CapitalKind.choices, **common)
    return serializers.CharField(max_length=TEXTS[name].limit, allow_blank=name in OPTIONAL, **common)


def _input(title: str, names: tuple[str, ...], *, required: bool, **more: Any) -> type[serializers.Serializer[Any]]:
    fields = {name: _entered_field(name, required=required) for name in names}
    return type(title, (serializers.Serializer,), {**fields, **more})


RegistrationInput = _input(
    "RegistrationInput",
    ENTERED,
    required=True,
    registry_org_id=serializers.CharField(
        required=False, max_length=32, help_text="登记机关代码；只在一个登记机关任职的不用填。"
    ),
)
RegistrationChanges = _input("RegistrationChanges", CHANGEABLE, required=False)


class EndInput(StrictSerializer):
    """Reason and date of the end of a registration."""

    reason = Text(max_length=300, help_text="原因，例如决定书文号。")
    terminated_on = serializers.DateField(help_text="终止日期，不早于成立日期、不晚于今天。")


def read_registration(body: Any) -> tuple[dict[str, Any], str]:
    """The entered fields and the code of the registration authority ("" when none was named).

    Values stay as they came: what is wrong with one is said by `registry.rules`. Raises Rejected (422, GEN-UNKNOWN) for
    names outside domain.md §1.2.
    """
    refuse_unknown(body, (*ENTERED, AUTHORITY))
    code = body.get(AUTHORITY) or ""
    if not isinstance(code, str):
        raise Rejected(Problem(NOT_TEXT, AUTHORITY, "登记机关代码应当是文字，例如 320902-MARKET。"))
    return {name: body.get(name) for name in ENTERED}, code.strip()


def read_changes(body: Any, institution: Institution) -> dict[str, Any]:
    """The fields to change. The credit code may be repeated but not changed: another code is another institution."""
    refuse_unknown(body, ENTERED)
    if "uscc" in body and normalise(str(body["uscc"])) != institution.uscc:
        words = "统一社会信用代码不能变更。代码不同就是另一家机构，请另行登记，原登记按规定注销。"
        raise Rejected(Problem(USCC_FIXED, "uscc", words))
    # The kind of capital follows from the nature where it is left open: empty is no other kind.
    return {name: body[name] for name in CHANGEABLE if name in body and (name != "capital_kind" or body[name])}


def read_end(body: Any) -> tuple[str, date | None]:
    """Reason and date of the end; a date that cannot be read is None and the workflow's guard says so."""
    refuse_unknown(body, ("reason", "terminated_on"))
    found: list[Problem] = []
    reason = read_text("reason", body.get("reason") or "", REASON, found)
    if found:
        raise Rejected(found)
    return reason or "", as_day(body.get("terminated_on"))


def refuse_unknown(body: Any, known: tuple[str, ...]) -> None:
    """Raises Rejected naming every field that is not known."""
    unknown = unknown_names([name for name in body if name not in known])
    if unknown:
        raise Rejected([Problem("GEN-UNKNOWN", name, words[0]) for name, words in unknown.items()])


class WarningOut(serializers.Serializer[Any]):
    """A finding that was kept with the record."""

    code = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    level = serializers.ChoiceField(choices=["WARN"])
    clause = serializers.CharField(allow_blank=True)


class AuthorityOut(serializers.Serializer[Any]):
    """The registration authority."""

    code = serializers.CharField()
    name = serializers.CharField()


class LinksOut(serializers.Serializer[Any]):
    """Where to go from here."""

    self = serializers.CharField()
    deliveries = serializers.CharField()


class RegistrationOut(serializers.Serializer[Any]):
    """A registration as it stands. Written out by `representation.shown`."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    former_names = serializers.ListField(child=serializers.CharField())
    nature = serializers.ChoiceField(choices=Nature.choices)
    certificate_type = serializers.ChoiceField(choices=CertificateType.choices)
    registered_address = serializers.CharField()
    region_code = serializers.CharField()
    town_code = serializers.CharField()
    legal_rep_name = serializers.CharField()
    legal_rep_id_no = serializers.CharField(help_text="遮盖后的证件号码。")
    contact_phone = serializers.CharField(allow_blank=True, help_text="遮盖后的电话。")
    registered_capital = serializers.CharField(help_text="万元，十进制文字。")
    capital_kind = serializers.ChoiceField(choices=CapitalKind.choices)
    business_scope = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    supervising_unit = serializers.CharField(allow_blank=True)
    established_on = serializers.DateField()
    approved_on = serializers.DateField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="空为长期。")
    registry_org_id = serializers.CharField()
    registry_org = AuthorityOut()
    status = serializers.ChoiceField(choices=RegistrationStatus.choices)
    terminated_on = serializers.DateField(allow_null=True)
    termination_reason = serializers.CharField(allow_blank=True)
    record_version = serializers.IntegerField()
    warnings = WarningOut(many=True)
    channel = serializers.ChoiceField(choices=EntryChannel.choices)
    filed_on = serializers.DateField(allow_null=True)
    national_filing_no = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(REGISTRATION.steps)), help_text="您现在可以办理的步骤。"
    )
    links = LinksOut()
