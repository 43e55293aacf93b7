"""Seals over the append-only tables: every minute what is new is sealed, `verify_events` finds what was changed since.

`rows` turns a row into bytes and a digest, `chain` links the seals, `sealing` makes them, `copies` keeps them outside
the database as well, `verifying` compares all three.
"""
