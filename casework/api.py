"""Cases of every type over the API: read, opened, moved by steps. Here is only HTTP."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.idempotency import once
from yancheng_childcare.api_filters import ApiFilter, PortalList, parameter
from yancheng_childcare.api_input import StrictSerializer, Text, expected_version, read
from yancheng_childcare.api_pages import PageQuery, page_of
from yancheng_childcare.forms import described
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import IDEMPOTENCY_KEY, IF_MATCH, PortalView, header, problems

from . import codes
from .cases import open_case, steps_for, take
from .kinds import case_types, type_named, type_of
from .models import Case
from .pages.lookup import visible_case

TAG = ["办件"]
MOST_ANSWERS = 100  # to one question
ETAG = header("ETag", "记录版本，办理步骤时放入 If-Match。", 200, 201)


class CaseQuery(ApiFilter):
    """What the list is filtered by."""

    type = parameter(Text(max_length=24, help_text="办件类型的代码。"), "type")
    status = parameter(Text(max_length=24, help_text="状态代码。"), "status")
    uscc = parameter(Text(max_length=18, help_text="机构的统一社会信用代码。"), "uscc")
    open = parameter(
        serializers.ChoiceField(choices=["0", "1"], help_text="1：只列没有办结的；0：只列已办结的。"),
        method="not_closed",
    )

    def not_closed(self, rows: Any, name: str, value: str) -> Any:
        """Open ones, or closed ones."""
        return rows.filter(closed_on__isnull=value == "1")


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class Answer(Text):
    """A text; for a question with several answers a list of texts."""

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, list):
            if len(data) > MOST_ANSWERS:
                self.fail("max_length", max_length=MOST_ANSWERS)
            return [super(Answer, self).run_validation(one) for one in data]
        return super().run_validation(data)


class Answers(StrictSerializer):
    """What a step is told: the names stand in `actions` of the case, or of the type."""

    answers = serializers.DictField(child=Answer(max_length=4000, allow_blank=True), required=False, default=dict)


class NewCase(Answers):
    """A new case: its type, and what its opening step asks."""

    type = serializers.CharField(max_length=24)


class ActionOut(serializers.Serializer[Any]):
    """A step the caller may take now, with its questions."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    asks = serializers.ListField(child=serializers.DictField())


class CaseOut(serializers.Serializer[Any]):
    """A case. `actions` only where one case is read."""

    no = serializers.CharField()
    type = serializers.CharField()
    type_label = serializers.CharField()
    status = serializers.CharField()
    status_label = serializers.CharField()
    result = serializers.CharField(allow_blank=True)
    result_label = serializers.CharField(allow_blank=True)
    subject = serializers.CharField()
    uscc = serializers.CharField(allow_blank=True)
    region = serializers.CharField()
    authority = serializers.CharField()
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    record_version = serializers.IntegerField()
    actions = ActionOut(many=True, required=False)


class CasePage(serializers.Serializer[Any]):
    """One page of cases."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = CaseOut(many=True)


def shown(case: Case, reader: Any = None) -> dict[str, Any]:
    """One case as the API says it; with `reader` also what this person may do."""
    kind = type_of(case)
    row: dict[str, Any] = {
        "no": case.no,
        "type": case.type,
        "type_label": kind.label,
        "status": case.status,
        "status_label": kind.states[case.status].label,
        "result": case.result,
        "result_label": kind.results[case.result].label if case.result else "",
        "subject": case.subject_name,
        "uscc": case.uscc,
        "region": case.region_id,
        "authority": case.authority_id,
        "opened_on": timezone.localdate(case.opened_at).isoformat(),
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
        "due_on": due.isoformat() if (due := getattr(case, "due_on", None)) else None,
        "record_version": case.record_version,
    }
    if reader is not None:
        row["actions"] = [
            {"name": step.name, "label": step.label, "asks": described(step.asks, case, reader)}
            for step in steps_for(case, reader)
        ]
    return row


class CaseList(PortalList):
    """Search cases, open one."""

    filterset_class = CaseQuery
    queryset = Case.objects.none()

    @extend_schema(operation_id="cases_list", tags=TAG, summary="查询办件", parameters=[PageQuery], responses=CasePage)
    def get(self, request: Request) -> Response:
        seen = Case.objects.visible_to(request.user, opening_roles(request)).select_related("region").with_clock()
        rows, query = self.narrowed(request, seen)
        return Response(page_of(request, rows, query, lambda found: [shown(row) for row in found]))

    @extend_schema(
        operation_id="cases_open",
        tags=TAG,
        summary="新建办件",
        parameters=[IDEMPOTENCY_KEY, ETAG, header("Idempotency-Replayed", "true：这是先前那次请求的答复。", 200)],
        request=NewCase,
        responses={201: CaseOut, 200: CaseOut},
    )
    def post(self, request: Request) -> Response:
        data = read(NewCase, request.data)
        kind, roles = type_named(data["type"]), opening_roles(request)
        if kind is None or not kind.opened_by(roles):
            names = "、".join(one.name for one in case_types() if one.opened_by(roles))
            words = f"没有这种办件，或者您的职责不能新建。可以新建的：{names or '没有'}。"
            raise Rejected(Problem(codes.NO_STEP, "type", words))
        body, replayed = once(
            request, lambda: shown(open_case(kind, data["answers"], actor=request.user), request.user)
        )
        headers = {"ETag": f'"{body["record_version"]}"'} | ({"Idempotency-Replayed": "true"} if replayed else {})
        return Response(body, status=200 if replayed else 201, headers=headers)


class CaseDetail(PortalView):
    """Read one case."""

    @extend_schema(operation_id="cases_read", tags=TAG, summary="读取一件办件", parameters=[ETAG], responses=CaseOut)
    def get(self, request: Request, no: str) -> Response:
        return answer(visible_case(request, no), request.user)  # type: ignore[arg-type]


class CaseStepView(PortalView):
    """Take one step of the table."""

    @extend_schema(
        operation_id="cases_step",
        tags=TAG,
        summary="办理一步",
        description="步骤的名称和要填的内容见读取时的 actions。",
        parameters=[IF_MATCH, ETAG],
        request=Answers,
        responses={200: CaseOut, **problems(412, 428)},
    )
    def post(self, request: Request, no: str, step: str) -> Response:
        case = visible_case(request, no)  # type: ignore[arg-type]
        data, version = read(Answers, request.data), expected_version(request, case)
        take(case, step, data["answers"], actor=request.user, expected_version=version)
        return answer(visible_case(request, no), request.user)  # type: ignore[arg-type]


def answer(case: Case, reader: Any) -> Response:
    """One case with its version as ETag."""
    return Response(shown(case, reader), headers={"ETag": f'"{case.record_version}"'})
