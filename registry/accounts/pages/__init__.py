"""Pages of the opening of accounts."""
