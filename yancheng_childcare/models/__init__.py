"""What every app shares: people and duties, places, time, records, messages."""

from .accounts import AccountRequest
from .identities import LinkedIdentity
from .limits import LimitCount
from .messages import Heartbeat, Notification
from .numbers import NumberSeries
from .people import Duty, User
from .places import Department, Region
from .records import Event, StorageMark, StoredFile
from .seals import KeyFingerprint, Seal
from .times import Deadline, SpecialDay

__all__ = [
    "AccountRequest",
    "Deadline",
    "Department",
    "Duty",
    "Event",
    "Heartbeat",
    "KeyFingerprint",
    "LimitCount",
    "LinkedIdentity",
    "Notification",
    "NumberSeries",
    "Region",
    "Seal",
    "SpecialDay",
    "StorageMark",
    "StoredFile",
    "User",
]
