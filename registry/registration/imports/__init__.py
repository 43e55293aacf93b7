"""Batch import of registrations: a table is read, checked row by row, and its good rows are put in by set.

`reading` opens xlsx and csv, `checking` judges rows, `comparing` finds what is new or changed, `staging` writes chunks,
`taking` runs a whole file in one transaction, `jobs` are the services pages and API call.
"""
