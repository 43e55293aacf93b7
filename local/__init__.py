"""The embedded default: everything a bare machine needs to run or test the portal with one command.

`bootstrap` makes the virtual environment. `services` finds or starts PostgreSQL and Redis for the variables that are
unset; each is looked after by a `keeper` process that stops it once nobody holds its lock. `portal` runs the table in
`processes` under `supervisor`. With DEBUG=0 nothing here starts a service, makes a file or installs a package: DATABASE_URL
and REDIS_URL point to real servers and a service manager starts the processes.

This package imports neither Django nor anything else of the project, so it costs little and starts fast.
"""
