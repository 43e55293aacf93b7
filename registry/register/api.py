"""The public API: search and one institution. Public fields only, straight from the register's own table."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from exchange.api.reference import add_code_list
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.rendering import as_rejected, problem_json, say_when
from yancheng_childcare.schema import PortalView, header, problems
from yancheng_childcare.throttles import check_visitor

from ..choices import MealMode, Nature, PublicStatus, ServiceMode
from ..rules.uscc import normalise
from .apart import unlisted
from .caching import shared
from .detail import read_detail
from .query import ORDERINGS, STATUSES, Cursor, read_search
from .search import LAST_KM, count_of, find

TAG = ["公众查询"]
add_code_list("public_status", "公开的备案状态", PublicStatus.choices)
add_code_list("service_mode", "服务形式", ServiceMode.choices)
add_code_list("meal_mode", "供餐方式", MealMode.choices)


class PublicPlan(serializers.Serializer[Any]):
    """When it stops taking children, as it told in advance."""

    final = serializers.BooleanField(help_text="true：终止服务；false：停业。")
    from_day = serializers.DateField(help_text="从这一天起停止服务。")
    until_day = serializers.DateField(allow_null=True, help_text="预计恢复日期，仅停业。")


class PublicCard(serializers.Serializer[Any]):
    """One institution in a list. What the institution reports itself: ages, services, fees, places."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    former_names = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=PublicStatus.choices)
    status_text = serializers.CharField()
    nature = serializers.CharField()
    region_code = serializers.CharField()
    region = serializers.CharField()
    town_code = serializers.CharField()
    town = serializers.CharField()
    address = serializers.CharField(help_text="家庭托育点只到社区。")
    phone = serializers.CharField(allow_blank=True, help_text="对外电话，机构填报；空：未填。")
    opening_hours = serializers.CharField(allow_blank=True, help_text="开放时间，机构填报；空：未填。")
    filed_on = serializers.DateField(allow_null=True)
    plans = PublicPlan(many=True, help_text="已报的停业、终止服务安排；没有时为空。")
    grade = serializers.CharField(allow_blank=True, help_text="目前总是空。")
    grade_until = serializers.DateField(allow_null=True, help_text="目前总是空。")
    age_from = serializers.IntegerField(allow_null=True, help_text="收托月龄，含。")
    age_to = serializers.IntegerField(allow_null=True, help_text="收托月龄，不含。")
    service_modes = serializers.ListField(child=serializers.CharField())
    inclusive_applied = serializers.BooleanField()
    meal_mode = serializers.CharField(allow_blank=True)
    fee_month = serializers.CharField(allow_null=True, help_text="全日托保育费，元/月。")
    capacity_total = serializers.IntegerField(allow_null=True)
    places_free = serializers.IntegerField(allow_null=True)
    reported_on = serializers.DateField(allow_null=True, help_text="机构最近一次填报或确认的日期。")
    last_checked_on = serializers.DateField(allow_null=True)
    results_shown = serializers.IntegerField(help_text="近 3 年公开的监督检查结果数；内容见 blocks.supervision。")
    last_result = serializers.CharField(allow_blank=True, help_text="最近公开的检查结果；空：没有公开的结果。")
    last_result_on = serializers.DateField(allow_null=True, help_text="最近一次结果的公开日期。")
    findings_open = serializers.IntegerField(help_text="公开的检查结果中还没有改正的问题数。")
    distance_km = serializers.FloatField(required=False, help_text="仅按距离排序时；按镇（街道）中心估算。")
    links = serializers.DictField(child=serializers.CharField())


class UnlistedCard(serializers.Serializer[Any]):
    """One institution that is registered but not on the list: not filed, its filing or its registration ended."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=PublicStatus.choices)
    status_text = serializers.CharField()
    region_code = serializers.CharField()
    region = serializers.CharField()
    similar = serializers.BooleanField(help_text="不是相符，只是名称相近（错一个字或读音相同）。")
    links = serializers.DictField(child=serializers.CharField())


class UnderstoodWords(serializers.Serializer[Any]):
    """How `q` was read: `name` is what was looked for in names, `filters` what was read as a filter."""

    name = serializers.CharField(allow_blank=True)
    filters = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class PublicPage(serializers.Serializer[Any]):
    """One page. `similar`: nothing matches as typed, these are near; `instead`: the name is nowhere, these are the others.

    `unlisted`: what was meant outside the list, by code or a part of its name, or near it (`similar`); read it before `results`.
    """

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PublicCard(many=True)
    similar = serializers.BooleanField(required=False)
    instead = serializers.BooleanField(required=False)
    understood = UnderstoodWords(required=False)
    unlisted = UnlistedCard(many=True, required=False)
    count = serializers.IntegerField(required=False)
    count_capped = serializers.BooleanField(required=False)


class PublicBlock(serializers.Serializer[Any]):
    """One block of the page: who supplied it, when it was confirmed, the facts."""

    kind = serializers.ChoiceField(choices=["OFFICIAL", "INSTITUTION"])
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    confirmed_on = serializers.DateField(allow_null=True)
    facts = serializers.DictField()
    empty = serializers.CharField(allow_blank=True)


class PublicDetail(PublicCard):
    """One institution, block by block."""

    updated_at = serializers.DateTimeField()
    blocks = serializers.DictField(child=PublicBlock())


def _choice(name: str, words: str, values: Any, *, many: bool = False) -> OpenApiParameter:
    listed = [str(value) for value in values]
    one = {"type": "string", "enum": listed}
    more = "，可重复或用逗号分隔" if many else ""
    kind: Any = {"type": "array", "items": one} if many else one
    return OpenApiParameter(name, kind, description=f"{words}{more}：{'、'.join(listed)}。")


def _number(name: str, words: str, least: int, most: int) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "integer", "minimum": least, "maximum": most}, description=words)


PARAMETERS = [
    OpenApiParameter(
        "q",
        str,
        description="名称、曾用名、品牌、地址、拼音、首字母或统一社会信用代码的一部分；"
        "其中的地名和“普惠”“全日托”等按筛选条件理解，见返回的 understood。",
    ),
    _choice("literal", "只按文字查找，不把 q 中的词理解为筛选条件", ["1"]),
    OpenApiParameter("region", str, description="县（市、区）代码，见 /api/v1/regions/。"),
    OpenApiParameter("town", str, description="镇（街道）代码。"),
    _choice("nature", "机构性质", Nature.values, many=True),
    _choice("status", "备案状态", STATUSES, many=True),
    _number("months", "孩子的整月龄，0 至 35。", 0, 35),
    _choice("service", "服务形式", ServiceMode.values, many=True),
    _choice("inclusive", "只看申报普惠的", ["1"]),
    _choice("meals", "供餐方式", MealMode.values, many=True),
    _number("fee_from", "全日托保育费下限，元/月。", 0, 999_999),
    _number("fee_to", "全日托保育费上限，元/月。", 0, 999_999),
    _choice("free", "只看有余位的", ["1"]),
    _choice("checked", "只看十二个月内检查过的", ["1"]),
    _choice("ordering", "排序", ORDERINGS),
    OpenApiParameter("near", str, description="距离从哪里算起：区划代码，或“纬度,经度”。位置不保存。"),
    OpenApiParameter("page", str, description="由 next、previous 给出的位置，请原样带回。"),
    _number("limit", "每页条数，1 至 100，默认 20。", 1, 100),
    _choice("count", "同时返回总数（超过 1,000 时 count_capped 为真）", ["1"]),
]


class PublicView(PortalView):
    """The same for everybody: no session and no key is looked at, only the rate is kept.

    Reads go straight to `get` with Django's request: DRF's own way through authentication, negotiation and rendering
    costs as much as the search. What goes wrong is answered as everywhere (RFC 9457).
    """

    public = True
    authentication_classes = ()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **kwargs)
        try:
            check_visitor(request, "api")
            return self.get(request, *args, **kwargs)  # type: ignore[attr-defined]  # every public view reads
        except Exception as error:
            rejected = as_rejected(error)
            if rejected is None:
                raise
            response = problem_json(rejected)
            say_when(response, error)
            return response


class InstitutionList(PublicView):
    """Search."""

    @extend_schema(
        operation_id="institutions_list",
        tags=TAG,
        summary="查询托育机构",
        parameters=[*PARAMETERS, header("ETag", "内容标记，可用于 If-None-Match。", 200)],
        responses={200: PublicPage, **problems(400)},
    )
    def get(self, request: HttpRequest) -> HttpResponseBase:
        query = read_search(request.GET)
        page = find(query)
        answered = page.query
        answer: dict[str, Any] = {
            "next": _link(request, page.next),
            "previous": _link(request, page.previous),
            "results": [_with_distance(row.card, row.value) for row in page.rows]
            if answered.ordering == "distance"
            else [orjson.Fragment(row.card) for row in page.rows],
        }
        if page.similar:
            answer["similar"] = True
        if page.instead:
            answer["instead"] = True
        if answered.read:
            parts = [{"words": p.words, "name": p.name, "value": p.value} for p in answered.understood]
            answer["understood"] = {"name": answered.words, "filters": parts}
        if query.cursor is None and (outside := unlisted(query, slips=page.unsure)):
            answer["unlisted"] = outside
        if query.count:
            count, capped = (page.count, page.capped) if page.count is not None else count_of(answered)
            answer |= {"count": count, "count_capped": capped}
        response = HttpResponse(orjson.dumps(answer), content_type="application/json")
        return shared(request, response)


class InstitutionDetail(PublicView):
    """One institution."""

    @extend_schema(
        operation_id="institutions_read",
        tags=TAG,
        summary="读取一家托育机构的公开信息",
        parameters=[header("ETag", "内容标记，可用于 If-None-Match。", 200)],
        responses=PublicDetail,
    )
    def get(self, request: HttpRequest, uscc: str) -> HttpResponseBase:
        detail = read_detail(normalise(uscc))
        if detail is None:
            words = "没有这个代码的机构。请核对 18 位统一社会信用代码。"
            raise Rejected(Problem("GEN-404", "", words), status=404)
        answer = {
            **detail.card,
            "updated_at": timezone.localtime(detail.changed_at).isoformat(),
            "blocks": detail.content,
        }
        return shared(request, HttpResponse(orjson.dumps(answer), content_type="application/json"))


def _link(request: HttpRequest, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    values: QueryDict = request.GET.copy()
    values["page"] = cursor.text()
    return str(request.build_absolute_uri(f"{request.path}?{values.urlencode()}"))


def _with_distance(text: str, value: float) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text)
    value -= LAST_KM if value >= LAST_KM else 0
    return {**found, "distance_km": round(value, 1)} if value < 10_000 else found
