"""Reads in the words of the trade. `visible_to(user, roles)` is the only scope."""

from .accounts import AccountOpeningQuerySet
from .applicants import ApplicantQuerySet
from .filings import FilingQuerySet, MaterialQuerySet
from .institutions import ImportJobQuerySet, InstitutionQuerySet
from .people import CredentialQuerySet, PersonBanQuerySet, PersonDiscrepancyQuerySet, PostQuerySet
from .public import PublicEntryQuerySet
from .staff_tables import StaffTableQuerySet

__all__ = [
    "AccountOpeningQuerySet",
    "ApplicantQuerySet",
    "CredentialQuerySet",
    "FilingQuerySet",
    "ImportJobQuerySet",
    "InstitutionQuerySet",
    "MaterialQuerySet",
    "PersonBanQuerySet",
    "PersonDiscrepancyQuerySet",
    "PostQuerySet",
    "PublicEntryQuerySet",
    "StaffTableQuerySet",
]
