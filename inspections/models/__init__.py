"""Tables of inspections."""

from .clues import Clue
from .incidents import Incident, IncidentTold
from .irregular import Unlicensed
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
    "Incident",
    "IncidentTold",
    "Officer",
    "OrderLine",
    "Rectification",
    "Referral",
    "Tie",
    "Unlicensed",
    "Visit",
    "VisitItem",
    "VisitOfficer",
    "VisitPhoto",
]
