"""双随机: a draw that anyone verifies from the published files, by hand if need be (docs/draws.md). No database here.

    pool = freeze(places, officers, rules, recusals=…)   rows get secret ids (secret.py), counties their quotas (strata.py),
                                                         all is written in one form (canonical.py); pool.fingerprint is published before the source
                                                         of randomness can be known: publish_pool(pool)
    drawn = draw(pool, Source(text, witnesses))          seed → ticket of every row (tickets.py) → chosen and reserve
                                                         (places.py) → officers (officers.py); nothing but pool and text has a say
    replace(drawn, [(id, reason), …])                    a place that is gone → the next of the published reserve
    publish(drawn, when="before" | "after", followed=…)  {file name: bytes} (files.py)
    verify(files, fingerprint=…)                         the first file and line that is not what it must be (verify.py)

A supplementary draw is a batch of its own with `Rules.follows`: its source must become known later than the first one's.
Sources: domain.md §5.2, 5.3; domain-2.md B3 and "Settled here"; product.md C6; the idea is RFC 3797's.
"""

from .drawing import Drawn, Replacement, Source, draw, replace
from .files import AFTER, BEFORE, Followed, publish, publish_pool
from .officers import Officer, OfficerRow, Sent
from .places import Ticket, next_reserve
from .pool import Place, Pool, Row, freeze
from .rules import Follows, Refused, Rules
from .secret import new_salt, row_id, telling
from .verify import Deviation, Verified, verify

__all__ = [
    "AFTER", "BEFORE", "Deviation", "Drawn", "Followed", "Follows", "Officer", "OfficerRow", "Place", "Pool", "Refused",
    "Replacement", "Row", "Rules", "Sent", "Source", "Ticket", "Verified", "draw", "freeze", "new_salt", "next_reserve",
    "publish", "publish_pool", "replace", "row_id", "telling", "verify",
]  # fmt: skip
