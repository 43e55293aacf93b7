"""Faults put into the code one by one: does the area's own suite notice? `python -m tests.mutations`."""
