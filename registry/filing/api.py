"""Filings over the API (contract.md): steps are the names of the transition table. Here is only HTTP."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.reference import add_code_list
from exchange.idempotency import once
from yancheng_childcare.api_filters import ApiFilter, PortalList, parameter
from yancheng_childcare.api_input import Text, expected_version, read
from yancheng_childcare.api_pages import PageQuery, page_of
from yancheng_childcare.models import User
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import IDEMPOTENCY_KEY, IF_MATCH, PortalView, header, problems

from ..choices import ClassType, FilingKind, FilingStatus, ItemVerdict, MealMode, OrgForm, PauseReason, ServiceMode
from ..codes.filing import STEP_UNKNOWN, TWO_OFFICERS
from ..models import Filing, Institution
from ..rules.uscc import normalise
from .drafts import save_section, start_filing
from .review import give_verdict
from .serializers import FilingOut, FilingStart, SectionInput, SectionOut, StepInput, shown
from .services import take_step
from .workflow import FILING, SYSTEM_STEPS
from .workflow.rows import CLOSURE

TAG = ["备案"]
for _name, _title, _choices in (
    ("filing_status", "备案状态", FilingStatus),
    ("service_mode", "服务形式", ServiceMode),
    ("class_type", "班型", ClassType),
    ("org_form", "办托形式", OrgForm),
    ("meal_mode", "供餐方式", MealMode),
    ("item_verdict", "审查结论", ItemVerdict),
    ("pause_reason", "暂停事由", PauseReason),
):
    add_code_list(_name, _title, [(key, str(label)) for key, label in _choices.choices])
ETAG = header("ETag", "记录版本，办理步骤时放入 If-Match。", 200, 201)


class FilingPage(serializers.Serializer[Any]):
    """One page of filings."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = FilingOut(many=True)


def readable(request: Request, no: str) -> Filing:
    """The filing if the caller may read it; outside the scope it looks as if it did not exist."""
    rows = Filing.objects.visible_to(request.user, opening_roles(request))
    found: Filing | None = rows.select_related("institution__region", "authority").filter(no=no).first()
    if found is None:
        raise Http404
    return found


def answer(filing: Filing, reader: Any, status: int = 200) -> Response:
    """One filing with its version as ETag."""
    headers = {"ETag": f'"{filing.record_version}"'}
    return Response(shown(filing, reader, whole=True), status=status, headers=headers)


class FilingQuery(ApiFilter):
    """Filters of the list."""

    uscc = parameter(Text(max_length=32, help_text="统一社会信用代码，全部 18 位。"), method="of_institution")
    status = parameter(serializers.ChoiceField(choices=FilingStatus.choices, help_text="备案状态。"), "status")
    kind = parameter(serializers.ChoiceField(choices=FilingKind.choices, help_text="事项。"), "kind")
    region = parameter(
        serializers.RegexField(r"^[0-9A-Za-z]{6,9}$", help_text="县（市、区）或镇（街道）代码。"), method="in_region"
    )

    def of_institution(self, rows: Any, name: str, value: str) -> Any:
        """By the whole code, however it was typed."""
        return rows.filter(institution__uscc=normalise(value))

    def in_region(self, rows: Any, name: str, value: str) -> Any:
        """In the area or below it."""
        below = Q(institution__region__prefix__contains=f"/{value.upper()}/")
        return rows.filter(below | Q(institution__town=value.upper()))


class FilingList(PortalList):
    """Search filings, start one."""

    filterset_class = FilingQuery
    queryset = Filing.objects.none()

    @extend_schema(
        operation_id="filings_list", tags=TAG, summary="查询备案", parameters=[PageQuery], responses=FilingPage
    )
    def get(self, request: Request) -> Response:
        seen = Filing.objects.visible_to(request.user, opening_roles(request))
        rows, query = self.narrowed(request, seen.select_related("institution__region", "authority"))
        return Response(page_of(request, rows, query, lambda found: [shown(row, request.user) for row in found]))

    @extend_schema(
        operation_id="filings_start",
        tags=TAG,
        summary="新建备案",
        description="机构经办人为自己的机构新建备案，登记信息自动带入。已有在办或有效备案的答 409（FIL-105）。",
        parameters=[IDEMPOTENCY_KEY, ETAG, header("Idempotency-Replayed", "true：这是先前那次请求的答复。", 200)],
        request=FilingStart,
        responses={201: FilingOut, 200: FilingOut},
    )
    def post(self, request: Request) -> Response:
        data = read(FilingStart, request.data)
        institution = (
            Institution.objects.visible_to(request.user, opening_roles(request))
            .select_related("region")
            .filter(uscc=normalise(data["uscc"]))
            .first()
        )
        if institution is None:
            raise Rejected(Problem("GEN-404", "uscc", "没有找到这家机构，或者不是您经办的机构。"), status=404)

        def start() -> dict[str, Any]:
            made = start_filing(institution, actor=request.user, kind=data["kind"])
            return shown(made, request.user, whole=True)

        body, replayed = once(request, start)
        headers = {"ETag": f'"{body["record_version"]}"'}
        if replayed:
            return Response(body, status=200, headers={**headers, "Idempotency-Replayed": "true"})
        return Response(body, status=201, headers=headers)


class FilingDetail(PortalView):
    """Read one filing."""

    @extend_schema(
        operation_id="filings_read", tags=TAG, summary="读取一件备案", parameters=[ETAG], responses=FilingOut
    )
    def get(self, request: Request, no: str) -> Response:
        return answer(readable(request, no), request.user)


class FilingSectionView(PortalView):
    """Save one section as it is being written."""

    @extend_schema(
        operation_id="filings_save_section",
        tags=TAG,
        summary="保存一个栏目",
        description="随填随存：内容不全或不合规也会保存，提交时才检查。他人已更新的答 409（FIL-006）。",
        request=SectionInput,
        responses=SectionOut,
    )
    def patch(self, request: Request, no: str, name: str) -> Response:
        filing = readable(request, no)
        data = read(SectionInput, request.data)
        row = save_section(
            filing, name, answers=data["answers"], expected_version=data["version"], actor=request.user, merge=True
        )
        return Response({"name": row.name, "version": row.version, "answers": row.data})


class FilingStep(PortalView):
    """Take one step of the transition table."""

    @extend_schema(
        operation_id="filings_step",
        tags=TAG,
        summary="办理一步",
        description="步骤名称见 docs/workflows.md 和读取时的 actions。受理岗的步骤可以随附审查结论 verdicts。",
        parameters=[IF_MATCH, ETAG],
        request=StepInput,
        responses={200: FilingOut, **problems(412, 428)},
    )
    def post(self, request: Request, no: str, step: str) -> Response:
        filing = readable(request, no)
        if step not in FILING.steps or step in SYSTEM_STEPS:
            raise Rejected(Problem(STEP_UNKNOWN, "", "没有这个办理步骤。"), status=404)
        data = read(StepInput, request.data)
        version = expected_version(request, filing)
        with transaction.atomic():  # verdicts that came with a refused step are not kept either
            for row in data.pop("verdicts", []):
                give_verdict(filing, row.pop("item"), actor=request.user, **row)
            moved = take_step(filing, step, actor=request.user, expected_version=version, **step_data(step, data))
        return answer(readable(request, moved.no), request.user)


def step_data(step: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data of a step as the workflow takes it. Raises Rejected (FIL-112) for unknown officers."""
    out = dict(data)
    if "officers" in out:
        names = list(dict.fromkeys(out["officers"]))
        found = list(User.objects.filter(username__in=names, is_active=True))
        if len(found) != len(names):
            raise Rejected(Problem(TWO_OFFICERS, "officers", "核实人员中有不存在的用户名。"))
        out["officers"] = found
    if kind := FILING.steps[step].plan:
        plan = dict(out.pop("plan", None) or {})
        out["plan"] = {**EMPTY_PLAN, **plan, "final": kind == CLOSURE, "reason": out.get("reason", "")}
    else:
        out.pop("plan", None)
    return out


EMPTY_PLAN: dict[str, Any] = {
    "from_day": None,
    "until_day": None,
    "parents_told_on": None,
    "children": None,
    "children_placed": None,
    "placement": "",
    "staff_settled": False,
    "refunds_settled": False,
    "refund_contact": "",
}
