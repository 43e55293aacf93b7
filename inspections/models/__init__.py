"""Tables of inspections."""

from .clues import Clue
from .orders import OrderLine, Rectification, Referral
from .registers import CheckItem, EnforcementSubject, Matter, Officer, Tie
from .visits import Visit, VisitItem, VisitOfficer, VisitPhoto

__all__ = [
    "CheckItem",
    "Clue",
    "EnforcementSubject",
    "Matter",
    "Officer",
    "OrderLine",
    "Rectification",
    "Referral",
    "Tie",
    "Visit",
    "VisitItem",
    "VisitOfficer",
    "VisitPhoto",
]
