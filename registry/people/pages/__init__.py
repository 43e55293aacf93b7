"""Pages of the people ledger."""

from . import discrepancies, imports, ledger, papers

__all__ = ["discrepancies", "imports", "ledger", "papers"]
