"""The files of this app: what they are for, which case refers to them, and who may open them."""

from __future__ import annotations

from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.file_purposes import Purpose, Use, add_purpose

REGISTRATION_IMPORT = "registration.import"
PERSON_IMPORT = "person-import"
STAFF_IMPORT = "staff-import"
CERTIFICATE = "registration-certificate"
MATERIAL = "filing-material"
LETTER = "filing-letter"
PERSON_PAPER = "person-paper"
#: Tables with the personal data of many, without a job of their own: deleted some days after the upload (`imports.keeping`).
TABLES = (PERSON_IMPORT, STAFF_IMPORT)

_HEALTH = frozenset({Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY})
_OPERATOR = frozenset({Role.OPERATOR})
_REGISTRAR = frozenset({Role.REGISTRAR})


def _letter(model: str, field: str) -> Use:
    return Use(model, field, region="filing__institution__region", uscc="filing__institution__uscc")


PURPOSES = (
    # Whole tables of ID numbers: only the body that imports them (security.md M3).
    Purpose(
        REGISTRATION_IMPORT,
        "登记导入表",
        department=_REGISTRAR,
        uses=(Use("registry.ImportJob", "file", department="department"),),
    ),
    Purpose(PERSON_IMPORT, "人员导入表", own=_OPERATOR),
    # Of the whole city, as the duty of its administrators.
    Purpose(STAFF_IMPORT, "人员与职责导入表", area=frozenset({Role.ADMIN})),
    # The history holds the present certificate and those it replaced.
    Purpose(
        CERTIFICATE,
        "登记证照",
        area=_HEALTH,
        own=_OPERATOR,
        department=_REGISTRAR,
        uses=(
            Use(
                "registry.InstitutionEvent",
                "certificate_file",
                region="pgh_obj__region",
                uscc="pgh_obj__uscc",
                department="pgh_obj__registry_org",
            ),
        ),
    ),
    Purpose(
        MATERIAL,
        "备案材料",
        area=_HEALTH,
        own=_OPERATOR,
        uses=(
            Use(
                "registry.MaterialPage",
                "file",
                region="material__institution__region",
                uscc="material__institution__uscc",
                staff=~Q(material__filing__status="DRAFT")
                & ~Q(material__filing__status="CANCELLED", material__filing__submitted_at=None),
            ),
        ),
    ),
    Purpose(
        LETTER,
        "备案文书",
        area=_HEALTH,
        own=_OPERATOR,
        uses=(
            _letter("registry.Notice", "document"),
            _letter("registry.FilingReceipt", "document"),
            _letter("registry.FilingReceipt", "conditions"),
        ),
    ),
    # One person works for several institutions: the paper stays with the one that handed it in (decision 7).
    Purpose(PERSON_PAPER, "人员证件", area=_HEALTH, own=_OPERATOR, uses=(Use("registry.Credential", "file"),)),
)


def add_purposes() -> None:
    """Make them known when the app is ready."""
    for purpose in PURPOSES:
        add_purpose(purpose)
