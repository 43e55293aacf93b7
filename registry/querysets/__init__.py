"""Reads in the words of the trade. `visible_to(user, roles)` is the only scope."""

from .filings import FilingQuerySet, MaterialQuerySet
from .institutions import ImportJobQuerySet, InstitutionQuerySet
from .people import CredentialQuerySet, PostQuerySet
from .public import PublicEntryQuerySet, PublicReportQuerySet

__all__ = [
    "CredentialQuerySet",
    "FilingQuerySet",
    "ImportJobQuerySet",
    "InstitutionQuerySet",
    "MaterialQuerySet",
    "PostQuerySet",
    "PublicEntryQuerySet",
    "PublicReportQuerySet",
]
