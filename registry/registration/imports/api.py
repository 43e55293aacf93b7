"""`POST registrations/import/` (contract.md): a table by API, with the same checks as the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import PortalView, problems
from yancheng_childcare.tasks import hand_over

from ...models import ImportJob
from ..services import registry_department
from .jobs import State, check_import, create_import, is_short, take_import
from .tasks import check_job, take_job

TAG = ["登记"]
MAX_PROBLEMS = 1_000
_FALSE = frozenset({"0", "false", "no"})


class ImportFile(serializers.Serializer[Any]):
    """The request."""

    file = serializers.FileField(help_text="xlsx 或 csv，表头见导入模板，也可用字段名。")
    registry_org_id = serializers.CharField(required=False, help_text="代表几个登记机关时指明其中一个的代码。")


class ImportProblem(serializers.Serializer[Any]):
    """One finding in one row; `row` 0 is the file as a whole."""

    row = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()
    level = serializers.ChoiceField(choices=["BLOCK", "WARN"])


class ImportResult(serializers.Serializer[Any]):
    """What became of the file. While WAITING, CHECKING or TAKING ask again with GET `?job=`."""

    job = serializers.UUIDField()
    state = serializers.ChoiceField(choices=State.choices)
    rows_total = serializers.IntegerField()
    rows_new = serializers.IntegerField()
    rows_changed = serializers.IntegerField()
    rows_same = serializers.IntegerField()
    rows_bad = serializers.IntegerField()
    rows_warned = serializers.IntegerField()
    problems = ImportProblem(many=True)
    more = serializers.BooleanField(help_text="还有更多问题没有列出。")


def result(job: ImportJob) -> dict[str, Any]:
    """The answer for a job: counts and at most 1,000 problems in the order of the rows."""
    listed: list[dict[str, Any]] = [_shown(0, problem) for problem in job.problem or []]
    for line, found in job.rows.order_by("line").values_list("line", "problems")[: MAX_PROBLEMS + 1]:
        listed += [_shown(line, problem) for problem in found]
        if len(listed) > MAX_PROBLEMS:
            break
    counts = ("rows_total", "rows_new", "rows_changed", "rows_same", "rows_bad", "rows_warned")
    return {
        "job": str(job.pk),
        "state": str(job.state),
        **{name: getattr(job, name) for name in counts},
        "problems": listed[:MAX_PROBLEMS],
        "more": len(listed) > MAX_PROBLEMS,
    }


def _shown(line: int, problem: dict[str, str]) -> dict[str, Any]:
    return {
        "row": line,
        "column": problem["field"],
        "code": problem["code"],
        "message": problem["message"],
        "level": problem.get("level", "BLOCK"),
    }


def _flag(request: Request, name: str, default: bool) -> bool:
    given = request.query_params.get(name)
    return default if given is None else given.strip().lower() not in _FALSE


def as_rejected(job: ImportJob) -> Rejected:
    """A file that could not be read, or (without `only_good`) one with bad rows: nothing went in."""
    found = [Problem(p["code"], p["field"], p["message"]) for p in job.problem or []]
    if not found:
        for line, problems in (
            job.rows.filter(blocked=True).order_by("line").values_list("line", "problems")[:MAX_PROBLEMS]
        ):
            found += [
                Problem(p["code"], f"{line}/{p['field']}", f"第 {line} 行：{p['message']}")
                for p in problems
                if p["level"] == "BLOCK"
            ]
    return Rejected(found[:MAX_PROBLEMS], status=422, title="文件没有导入")


_FLAGS = [
    OpenApiParameter("dry_run", str, enum=["0", "1"], description="1：只检查，不保存。"),
    OpenApiParameter("only_good", str, enum=["0", "1"], description="0：有一行有误就都不入库（422）。默认 1。"),
]


class ImportRegistrations(PortalView):
    """A table of registrations."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="registrations_import",
        tags=TAG,
        summary="批量导入登记",
        description=(
            "新机构入库，已登记且有变化的作变更登记，没有变化的略过；同一文件重复提交不会重复入库。"
            "超过 2,000 行的在后台进行，答 202。"
        ),
        parameters=_FLAGS,
        request={"multipart/form-data": ImportFile},
        responses={200: ImportResult, 202: ImportResult},
    )
    def post(self, request: Request) -> Response:
        uploaded = request.FILES.get("file")
        if uploaded is None:
            raise Rejected(Problem("REG-201", "file", "请在 multipart 表单的 file 字段中提交 xlsx 或 csv 文件。"))
        department = registry_department(request.user, str(request.POST.get("registry_org_id", "")))
        dry_run, only_good = _flag(request, "dry_run", False), _flag(request, "only_good", True)
        job = create_import(uploaded=uploaded, actor=request.user, department=department)
        if not is_short(job):
            task: tuple[Any, ...] = (
                (check_job, str(job.pk)) if dry_run else (take_job, str(job.pk), request.user.pk, only_good)
            )
            if not hand_over(*task):
                raise Rejected(
                    Problem("GEN-503", "", "后台服务暂时不可用，没有导入任何内容。请稍后再提交一次。"), status=503
                )
            return Response(result(job), status=202)
        job = check_import(job.pk)
        if job.state == State.FAILED or (job.rows_bad and not only_good and not dry_run):
            raise as_rejected(job)
        if not dry_run:
            job = take_import(job.pk, actor=request.user)
        return Response(result(job))

    @extend_schema(
        operation_id="registrations_import_status",
        tags=TAG,
        summary="查看一次批量导入",
        parameters=[OpenApiParameter("job", str, required=True, description="提交时得到的 job。")],
        responses={200: ImportResult, **problems(404)},
    )
    def get(self, request: Request) -> Response:
        number = request.query_params.get("job", "")
        if not number:
            raise Rejected(Problem("GEN-422", "job", "请在 job 参数中填写提交时得到的任务编号。"))
        try:
            key = UUID(number)
        except ValueError:
            raise Http404 from None
        job = ImportJob.objects.visible_to(request.user, opening_roles(request)).filter(pk=key).first()
        if job is None:
            raise Http404
        return Response(result(job))
