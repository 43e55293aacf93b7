"""What every app shares: people and duties, places, time, records, messages."""

from .messages import Heartbeat, Notification
from .numbers import NumberSeries
from .people import Duty, User
from .places import Department, Region
from .records import Event, StorageMark, StoredFile
from .times import Deadline, SpecialDay

__all__ = [
    "Deadline",
    "Department",
    "Duty",
    "Event",
    "Heartbeat",
    "Notification",
    "NumberSeries",
    "Region",
    "SpecialDay",
    "StorageMark",
    "StoredFile",
    "User",
]
