"""Receipts of departments: what was done with an event."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.api_input import read
from yancheng_childcare.models import Department
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import PortalView, problems

from .. import error_codes as codes
from ..models import Receipt
from ..querysets import RECIPIENTS
from ..receipts import accept_receipt
from . import shapes
from .schemas import ReceiptIn, ReceiptOut


def receiving_department(user: Any, code: str) -> Department:
    """The department the receipt speaks for. Raises Rejected (EXC-314) when it is open or not the user's."""
    own = {duty.department_id: duty.department for duty in user.duties_as(*RECIPIENTS) if duty.department}
    if code:
        if code not in own:
            raise Rejected(
                Problem(codes.ENDPOINT_DEPARTMENT, "department", "您不是该部门的人员，不能代它回执。"), status=403
            )
        return own[code]
    if len(own) != 1:
        raise Rejected(Problem(codes.ENDPOINT_DEPARTMENT, "department", "请指明回执的部门代码。"))
    return next(iter(own.values()))


class ReceiptList(PortalView):
    """Send a receipt."""

    @extend_schema(
        operation_id="receipts_create",
        tags=["回执"],
        summary="回执",
        description="只能对推送给本部门的事件回执。内容相同的重复回执答 200，不会多记一次。",
        request=ReceiptIn,
        responses={
            201: OpenApiResponse(ReceiptOut, description="已收下"),
            200: OpenApiResponse(ReceiptOut, description="同样的回执此前已收下"),
            **problems(404),
        },
    )
    def post(self, request: Request) -> Response:
        values = read(ReceiptIn, request.data)
        department = receiving_department(request.user, values.pop("department", ""))
        with transaction.atomic():
            self._line_up(f"{department.pk} {values['event_id']}")
            known = self._same(department, values)
            if known is not None:
                return Response(shapes.receipt(known))
            receipt = accept_receipt(
                event_uid=values.pop("event_id"), department=department, actor=request.user, **values
            )
        return Response(shapes.receipt(receipt), status=201)

    @staticmethod
    def _line_up(name: str) -> None:
        """Receipts of one department for one event come one after the other, so that a repeated one is seen."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [name])

    @staticmethod
    def _same(department: Department, values: dict[str, Any]) -> Receipt | None:
        return (
            Receipt.objects.select_related("event", "department")
            .filter(
                event__uid=values["event_id"],
                department=department,
                handled=values["handled"],
                remark=values["remark"],
                handled_at=values["handled_at"],
            )
            .first()
        )
