import pytest
from registry.ledgers import ledger_rows, counties_seen_by, differing
from django.db import connection
pytestmark = pytest.mark.django_db
def test_sql(institution, cast, django_assert_num_queries):
    institution(); institution()
    u=cast["health_city"]; c=counties_seen_by(u); assert len(c)==11, c
    with django_assert_num_queries(1) as q:
        rows,total=ledger_rows(u,c)
    print(q.captured_queries[0]["sql"])
    print(total)
    print(list(differing(u)))
    assert 0
