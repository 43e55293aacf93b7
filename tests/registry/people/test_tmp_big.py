import time
from people_cases import *
def test_big(own, as_user):
    c = as_user("operator_xiaotaiyang")
    from registry.rules.identity import make_id_number
    rows = [{**listed(1), "name": f"人{n}", "id_no": make_id_number("320902", date(1980 + n // 900, 1, 1 + n % 28), n % 999)} for n in range(2000)]
    t=time.time(); a = c.post(IMPORT, {"file": as_csv(rows)}); print("check", time.time()-t)
    t=time.time(); r = c.get(a.url); print("report", time.time()-t); assert "全部登记" in r.content.decode()
    t=time.time(); r = c.post(IMPORT, {"action":"take","file":a.url.partition("file=")[2]}); print("take", time.time()-t)
    t=time.time(); r = c.get(LIST); print("list", time.time()-t, len(r.content))
