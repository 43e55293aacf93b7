"""Uploaded files: taken in through `intake`, kept through `store`. Nothing else reads or writes file content."""

from .intake import DOCUMENTS, SHEETS, IntakeResult, intake
from .storage import is_intact, open_stored, path_of, store

__all__ = ["DOCUMENTS", "SHEETS", "IntakeResult", "intake", "is_intact", "open_stored", "path_of", "store"]
