"""人员与职责 by table: one administrator hands it in, another approves it row by row as shown; then the services of the
pages of one person make accounts and duties. `columns` says what the table is, `checking` is the dry run, `taking` the
submission and what an approval sets going.
"""
