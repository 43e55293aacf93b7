"""Tables that are imported: a small declaration says what a table is, the rest is the same for all.

`columns` declares (title, help, example, words, who reads it in the template), `reading` opens xlsx and csv in a child
process with limits, `cells` straightens what a spreadsheet bent, `report` is a dry run row by row, `intake` keeps a table
once, `template` and `bad_rows` write files, `pages` answer with them. How rows are checked and taken the app says: row by
row through a service, or in bulk.
"""
