"""What happens on a lower floor and concerns a higher one, by name; `receivers` says who listens.

All but `people_changed` are sent inside the transaction of the change: an error of a receiver undoes it.
"""

from django.dispatch import Signal

#: The registration ended. Sent with `institution`, `reason`, `today`.
registration_ended = Signal()
#: What the public sees of one institution may be another. Sent with `institution_id`, `today` (None: today).
institution_changed = Signal()
#: Another legal representative. Sent with `institution`, locked, with the new one set.
representative_changed = Signal()
#: A table was taken in. Sent with `department`, the authority whose rows changed, and `job`, the key of the import.
table_taken = Signal()
#: People, posts or papers of an institution changed, perhaps many at once. Sent with `institution_id`; heard after commit.
people_changed = Signal()
#: The demo city stands; an app above adds its own scenes, once. Sent with `users` by user name, `today`, in a transaction.
demo_city_stands = Signal()
