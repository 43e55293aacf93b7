"""Tables of inspections."""

from .clues import Clue
from .orders import OrderLine, Rectification, Referral
from .penalties import Penalty
from .plans import Batch, DrawFile, DrawRow, Gone, Plan
from .registers import CheckItem, EnforcementSubject, Matter, Officer, Tie
from .visits import Visit, VisitItem, VisitOfficer, VisitPhoto

__all__ = [
    "Batch",
    "DrawFile",
    "DrawRow",
    "Penalty",
    "Plan",
    "CheckItem",
    "Clue",
    "EnforcementSubject",
    "Gone",
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
