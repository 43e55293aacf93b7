"""Institutions with their registration, and batch imports of registrations."""

from .imports import ImportJob, ImportRow
from .institution import Institution

__all__ = ["ImportJob", "ImportRow", "Institution"]
