"""Institutions with their registration, their filing, their people, and batch imports of registrations."""

from .filing import Filing, FilingReceipt, FilingSection, FilingVersion, Material, MaterialPage
from .imports import ImportJob, ImportRow
from .institution import Institution
from .people import Credential, Person, PersonBan, Post, Training
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

__all__ = [
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
    "Person",
    "PersonBan",
    "Post",
    "Proposal",
    "ReviewArea",
    "RuleSwitch",
    "RuleWaiver",
    "SiteCheck",
    "Training",
    "Verdict",
]
