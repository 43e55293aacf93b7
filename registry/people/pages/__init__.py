"""Pages of the people ledger."""

from . import imports, ledger, papers

__all__ = ["imports", "ledger", "papers"]
