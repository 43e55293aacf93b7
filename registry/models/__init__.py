"""Institutions: registration, filing, people, batch imports, and what of them is public."""

from .accounts import AccountOpening
from .applicant import Applicant
from .filing import Filing, FilingReceipt, FilingSection, FilingVersion, Material, MaterialPage
from .imports import ImportJob, ImportRow
from .institution import Institution, subject_of
from .people import Credential, Person, PersonBan, PersonDiscrepancy, Post, Training
from .public import OpenDataSnapshot, PublicChange, PublicEntry, PublicReport, PublicResult, PublicSubscription
from .review import (
    ClosurePlan,
    Notice,
    NoticeReply,
    Proposal,
    ReviewArea,
    RuleSwitch,
    RuleWaiver,
    SiteCheck,
    Verdict,
)
from .staff_tables import StaffTable

__all__ = [
    "AccountOpening",
    "Applicant",
    "ClosurePlan",
    "Credential",
    "Filing",
    "FilingReceipt",
    "FilingSection",
    "FilingVersion",
    "ImportJob",
    "ImportRow",
    "Institution",
    "Material",
    "MaterialPage",
    "Notice",
    "NoticeReply",
    "OpenDataSnapshot",
    "Person",
    "PersonBan",
    "PersonDiscrepancy",
    "Post",
    "PublicChange",
    "PublicEntry",
    "PublicReport",
    "PublicResult",
    "Proposal",
    "ReviewArea",
    "RuleSwitch",
    "RuleWaiver",
    "SiteCheck",
    "StaffTable",
    "PublicSubscription",
    "Training",
    "Verdict",
    "subject_of",
]
