"""What every app shares: people and duties, places, time, records, messages."""

from .messages import Heartbeat, Notification
from .people import Duty, User
from .places import Department, Region
from .records import Event, StoredFile
from .times import Deadline, SpecialDay

__all__ = [
    "Deadline",
    "Department",
    "Duty",
    "Event",
    "Heartbeat",
    "Notification",
    "Region",
    "SpecialDay",
    "StoredFile",
    "User",
]
