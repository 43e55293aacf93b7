"""Filings over the API: scope, steps by name, versions, and nothing personal in an answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry" / "filing"))
from filing_cases import judge_all  # noqa: E402

from registry.demo.sample_filing import fill_filing  # noqa: E402
from registry.models import Filing  # noqa: E402
from yancheng_childcare.deadlines import today_here  # noqa: E402

pytestmark = pytest.mark.django_db
JSON = "application/json"
URL = "/api/v1/filings/"


@pytest.fixture
def own(institution, settings, tmp_path):
    settings.FILE_ROOT = tmp_path
    return institution(uscc="91320902MA1TYC011T", name="盐城市小太阳托育服务有限公司")


def started(client, own):
    answer = client.post(URL, {"uscc": own.uscc}, content_type=JSON, headers={"Idempotency-Key": "start-1"})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_start_save_submit_judge_and_receipt(api, own, cast, django_assert_max_num_queries):
    operator, reviewer = api("operator_xiaotaiyang"), api("reviewer_tinghu")
    case = started(operator, own)
    again = operator.post(URL, {"uscc": own.uscc}, content_type=JSON, headers={"Idempotency-Key": "start-1"})
    assert again.status_code == 200 and again.headers["Idempotency-Replayed"] == "true"
    second = operator.post(URL, {"uscc": own.uscc}, content_type=JSON)
    assert (second.status_code, second.json()["code"]) == (409, "FIL-105")
    address = f"{URL}{case['no']}/"
    body = {"answers": {"fee_full_day": "1980"}, "version": 0}
    with django_assert_max_num_queries(12):
        saved = operator.patch(f"{address}sections/fees/", body, content_type=JSON)
    assert saved.json() == {"name": "fees", "version": 1, "answers": {"fee_full_day": "1980"}}
    stale = operator.patch(f"{address}sections/fees/", body, content_type=JSON)
    assert (stale.status_code, stale.json()["code"]) == (409, "FIL-006")
    early = operator.post(f"{address}submit/", {}, content_type=JSON, headers={"If-Match": '"1"'})
    codes = {error["code"] for error in early.json()["errors"]}
    assert early.status_code == 422 and {"FIL-001", "FIL-101", "FIL-103"} <= codes
    filing = Filing.objects.get(no=case["no"])
    assert reviewer.get(address).status_code == 404  # a draft is the institution's own
    fill_filing(filing, actor=cast["operator_xiaotaiyang"], today=today_here())
    assert operator.post(f"{address}submit/", {}, content_type=JSON).status_code == 428
    done = operator.post(f"{address}submit/", {}, content_type=JSON, headers={"If-Match": '"1"'})
    assert done.json()["status"] == "SUBMITTED" and "13812345678" not in done.content.decode()
    stale = reviewer.post(f"{address}receipt/", {}, content_type=JSON, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    judge_all(filing, cast["reviewer_tinghu"])
    issued = reviewer.post(f"{address}receipt/", {}, content_type=JSON, headers={"If-Match": '"2"'})
    assert issued.json()["status"] == "RECEIPTED" and issued.json()["receipt_no"]
    listed = reviewer.get(URL, {"status": "RECEIPTED", "count": "1"}).json()
    assert listed["count"] == 1 and listed["results"][0]["no"] == case["no"]
    assert api("reviewer_dongtai").get(address).status_code == 404
    assert api("operator_yangguang").get(URL).json()["results"] == []


def test_unknown_steps_and_names_are_refused(api, own):
    operator = api("operator_xiaotaiyang")
    address = f"{URL}{started(operator, own)['no']}/"
    for step in ("follow", "nonsense", "lapse"):
        answer = operator.post(f"{address}{step}/", {}, content_type=JSON, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (404, "FIL-126")
    answer = operator.post(f"{address}submit/", {"raeson": "x"}, content_type=JSON, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "GEN-UNKNOWN")
    answer = operator.patch(f"{address}sections/nothing/", {"answers": {}, "version": 0}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "FIL-005")


def test_verdicts_travel_with_the_step(api, own, cast):
    operator, reviewer = api("operator_xiaotaiyang"), api("reviewer_tinghu")
    case = started(operator, own)
    filing = fill_filing(Filing.objects.get(no=case["no"]), actor=cast["operator_xiaotaiyang"], today=today_here())
    address = f"{URL}{filing.no}/"
    operator.post(f"{address}submit/", {}, content_type=JSON, headers={"If-Match": '"1"'})
    body = {"verdicts": [{"item": "premises", "verdict": "SUPPLEMENT", "reason": "合同缺页"}]}
    answer = reviewer.post(f"{address}return/", body, content_type=JSON, headers={"If-Match": '"2"'})
    assert answer.status_code == 422 and {e["code"] for e in answer.json()["errors"]} == {"FIL-108"}
