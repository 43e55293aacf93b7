"""Pages of filing: the institution, the reviewing authority, everybody."""
