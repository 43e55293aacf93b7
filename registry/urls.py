"""Addresses of the registry. Who may enter each stands in `permissions.py`."""

from django.urls import URLPattern, path, register_converter

from .audit import pages as audit
from .filing.pages import self_check, standards
from .ledgers import pages as ledgers
from .registration.imports import pages as imports
from .registration.pages import change, desks, ending, entry, export, record, registrations


class CreditCode:
    """The 18 characters of a unified social credit code; whether it is a right one, the pages say."""

    regex = "[0-9A-Za-z]{18}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(CreditCode, "uscc")

app_name = "registry"

urlpatterns: list[URLPattern] = [
    path("self-check/", self_check.self_check, name="self-check"),
    path("standards/", standards.standards, name="standards"),
    # registrations
    path("desk/registrations/", registrations.registration_list, name="list"),
    path("desk/registrations/new/", entry.create, name="create"),
    path("desk/registrations/irregular/", registrations.irregular, name="irregular"),
    path("desk/registrations/export/", export.export, name="export"),
    path("desk/registrations/<uscc:uscc>/", record.detail, name="detail"),
    path("desk/registrations/<uscc:uscc>/versions/", record.versions, name="versions"),
    path("desk/registrations/<uscc:uscc>/reveal/", record.reveal, name="reveal"),
    path("desk/registrations/<uscc:uscc>/change/", change.change, name="change"),
    path("desk/registrations/<uscc:uscc>/end/", ending.end, name="end"),
    # batch import
    path("desk/imports/", imports.imports, name="imports"),
    path("desk/imports/template/", imports.import_template, name="import-template"),
    path("desk/imports/<uuid:pk>/", imports.import_job, name="import"),
    path("desk/imports/<uuid:pk>/take/", imports.import_take, name="import-take"),
    path("desk/imports/<uuid:pk>/errors/", imports.import_errors, name="import-errors"),
    # desks
    path("desk/unfiled/", desks.unfiled, name="unfiled"),
    path("desk/unfiled/<uscc:uscc>/", desks.record_filing, name="record-filing"),
    path("desk/police/", desks.police, name="police"),
    path("desk/police/<uscc:uscc>/", desks.police_receipt, name="police-receipt"),
    path("desk/ledgers/", ledgers.ledgers, name="ledgers"),
    path("desk/ledgers/differences/", ledgers.differences, name="ledger-differences"),
    path("desk/audit/", audit.audit, name="audit"),
]
