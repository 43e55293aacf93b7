"""Registrations over the API (contract.md). Rules and scope lie in services and querysets; here is only HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.reference import add_code_list
from exchange.idempotency import once
from yancheng_childcare.api_filters import ApiFilter, PortalList, parameter
from yancheng_childcare.api_input import Text, expected_version
from yancheng_childcare.api_pages import PageQuery, page_of
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.places import places
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import IDEMPOTENCY_KEY, IF_MATCH, PortalView, header, problems

from ..choices import CapitalKind, CertificateType, EntryChannel, Nature, RegistrationEvent, RegistrationStatus
from ..models import Institution
from ..rules.characters import folded
from ..rules.uscc import normalise
from .representation import shown
from .serializers import (
    EndInput,
    RegistrationChanges,
    RegistrationInput,
    RegistrationOut,
    read_changes,
    read_end,
    read_registration,
)
from .services import change_institution, end_registration, register_institution, registry_department

TAG = ["登记"]
add_code_list("nature", "机构性质", Nature.choices)
add_code_list("capital_kind", "资金类别", CapitalKind.choices)
add_code_list("registration_status", "登记状态", RegistrationStatus.choices)
add_code_list("certificate_type", "证照类型", CertificateType.choices)
add_code_list("registration_event", "登记事项", RegistrationEvent.choices)
ETAG = header("ETag", "记录版本，变更时放入 If-Match。", 200, 201)


class RegistrationPage(serializers.Serializer[Any]):
    """One page of registrations."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RegistrationOut(many=True)
    count = serializers.IntegerField(required=False)


def answer(institution: Institution, reader: Any) -> Response:
    """The registration with its version as ETag."""
    return Response(shown(institution, reader), headers={"ETag": f'"{institution.record_version}"'})


def readable(request: Request, uscc: str) -> Institution:
    """The registration if the caller may read it; outside the scope it looks as if it did not exist."""
    rows = Institution.objects.visible_to(request.user, opening_roles(request)).select_related("registry_org")
    found: Institution | None = rows.filter(uscc=normalise(uscc)).first()
    if found is None:
        raise Http404
    return found


class RegistrationQuery(ApiFilter):
    """Filters of the list."""

    uscc = parameter(Text(max_length=32, help_text="统一社会信用代码，全部 18 位。"), method="of_code")
    name = parameter(Text(max_length=100, help_text="名称中的文字，或完整的曾用名。"), method="named")
    region = parameter(
        serializers.RegexField(r"^[0-9A-Za-z]{6,9}$", help_text="区划代码：市、县（市、区）或镇（街道），含下级。"),
        method="in_region",
    )
    nature = parameter(serializers.ChoiceField(choices=Nature.choices, help_text="机构性质。"), "nature")
    status = parameter(serializers.ChoiceField(choices=RegistrationStatus.choices, help_text="登记状态。"), "status")
    updated_since = parameter(
        serializers.DateTimeField(help_text="这一时刻（含）以后更新过的，例如 2026-11-23T00:00:00+08:00。"),
        "updated_at",
        "gte",
    )

    def of_code(self, rows: Any, name: str, value: str) -> Any:
        """By the whole code, however it was typed."""
        return rows.filter(uscc=normalise(value))

    def named(self, rows: Any, name: str, value: str) -> Any:
        """A part of the name, or a whole former one."""
        words = folded(value)
        return rows.filter(Q(name__contains=words) | Q(former_names__contains=[words]))

    def in_region(self, rows: Any, name: str, value: str) -> Any:
        """In the area or below it. Raises Rejected (REG-502) for a region that does not exist."""
        code = value.upper()
        if code not in places():
            raise Rejected(Problem("REG-502", "region", "区划表里没有这个代码，可用的代码见 /api/v1/regions/。"))
        level = places()[code][0]
        return rows if level == "CITY" else rows.filter(**{"town" if level == "TOWN" else "region": code})


class RegistrationList(PortalList):
    """Search registrations, enter a new one."""

    filterset_class = RegistrationQuery
    queryset = Institution.objects.none()

    @extend_schema(
        operation_id="registrations_list",
        tags=TAG,
        summary="查询登记",
        parameters=[PageQuery],
        responses=RegistrationPage,
    )
    def get(self, request: Request) -> Response:
        seen = Institution.objects.visible_to(request.user, opening_roles(request)).select_related("registry_org")
        rows, query = self.narrowed(request, seen)
        return Response(page_of(request, rows, query, lambda found: [shown(row, request.user) for row in found]))

    @extend_schema(
        operation_id="registrations_create",
        tags=TAG,
        summary="设立登记",
        description="代码已登记的答 409（REG-501），请改用 PATCH 办理变更。",
        parameters=[
            IDEMPOTENCY_KEY,
            ETAG,
            header("Location", "新登记的地址。", 201),
            header("Idempotency-Replayed", "true：这是先前那次请求的答复。", 200),
        ],
        request=RegistrationInput,
        responses={
            201: OpenApiResponse(RegistrationOut, description="已登记"),
            200: OpenApiResponse(RegistrationOut, description="同一 Idempotency-Key 的重复请求，返回先前的答复"),
        },
    )
    def post(self, request: Request) -> Response:
        data, code = read_registration(request.data)
        authority = registry_department(request.user, code)

        def register() -> dict[str, Any]:
            try:
                made = register_institution(
                    data=data, actor=request.user, registry_org=authority, channel=EntryChannel.API
                )
            except Rejected as rejected:
                raise lead_to_change(rejected, data["uscc"]) from None
            return shown(made, request.user)

        body, replayed = once(request, register)
        headers = {"ETag": f'"{body["record_version"]}"', "Location": body["links"]["self"]}
        if replayed:
            return Response(body, status=200, headers={**headers, "Idempotency-Replayed": "true"})
        return Response(body, status=201, headers=headers)


def lead_to_change(rejected: Rejected, uscc: str) -> Rejected:
    """A taken code leads API callers to the call they need instead."""
    if rejected.status != 409 or rejected.code != "REG-501":
        return rejected
    words = f"该统一社会信用代码已有登记，不要重复录入。请改用 PATCH /api/v1/registrations/{uscc}/ 办理变更。"
    return Rejected(Problem("REG-501", "uscc", words), status=409, title=rejected.title)


class RegistrationDetail(PortalView):
    """Read or change one registration."""

    @extend_schema(
        operation_id="registrations_read",
        tags=TAG,
        summary="读取一条登记",
        parameters=[ETAG],
        responses=RegistrationOut,
    )
    def get(self, request: Request, uscc: str) -> Response:
        return answer(readable(request, uscc), request.user)

    @extend_schema(
        operation_id="registrations_change",
        tags=TAG,
        summary="变更登记",
        description="只写需要变更的字段；变更后的整条登记要通过全部检查。",
        parameters=[IF_MATCH, ETAG],
        request=RegistrationChanges,
        responses={200: RegistrationOut, **problems(412, 428)},
    )
    def patch(self, request: Request, uscc: str) -> Response:
        institution = readable(request, uscc)
        changed = change_institution(
            institution,
            changes=read_changes(request.data, institution),
            actor=request.user,
            expected_version=expected_version(request, institution),
        )
        changed.registry_org = institution.registry_org
        return answer(changed, request.user)


class RegistrationEnd(PortalView):
    """The parent of the three final steps."""

    step = ""

    def end(self, request: Request, uscc: str) -> Response:
        """Take the step; raises Rejected as the workflow does."""
        institution = readable(request, uscc)
        version = expected_version(request, institution)
        reason, day = read_end(request.data)
        ended = end_registration(
            institution, step=self.step, reason=reason, terminated_on=day, actor=request.user, expected_version=version
        )
        ended.registry_org = institution.registry_org
        return answer(ended, request.user)


def _ending(summary: str, operation: str) -> Any:
    return extend_schema(
        operation_id=operation,
        tags=TAG,
        summary=summary,
        description="不可撤回：平台随即通知卫生健康部门和公安机关。",
        parameters=[IF_MATCH, ETAG],
        request=EndInput,
        responses={200: RegistrationOut, **problems(412, 428)},
    )


class CancelRegistration(RegistrationEnd):
    """注销."""

    step = "cancel"

    @_ending("注销登记", "registrations_cancel")
    def post(self, request: Request, uscc: str) -> Response:
        return self.end(request, uscc)


class RevokeRegistration(RegistrationEnd):
    """吊销."""

    step = "revoke"

    @_ending("吊销登记", "registrations_revoke")
    def post(self, request: Request, uscc: str) -> Response:
        return self.end(request, uscc)


class RescindRegistration(RegistrationEnd):
    """撤销."""

    step = "rescind"

    @_ending("撤销登记", "registrations_rescind")
    def post(self, request: Request, uscc: str) -> Response:
        return self.end(request, uscc)
