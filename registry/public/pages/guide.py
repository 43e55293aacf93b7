"""How to read this: statuses, grades, safety gates and terms in plain words."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..caching import shared
from ..wording import STANDINGS

# domain.md §6.2, marked [A]: the city's default scheme, not law.
GRADES = (
    ("优秀", "green", "总分 900 分以上，基础标准全部达到。"),
    ("良好", "blue", "总分 800 至 899 分，基础标准全部达到。"),
    ("合格", "yellow", "总分 600 至 799 分，基础标准全部达到。"),
    ("不合格", "red", "总分不到 600 分，或者有一项基础标准没有达到。"),
    ("未评价", "grey", "备案不满一年、停业，或者还没有轮到。没有等级不代表好，也不代表不好。"),
)
GATES = (
    ("消防", "场所通过消防验收或消防安全检查。要看结论和日期。"),
    ("卫生评价", "妇幼保健机构按《托幼机构卫生评价基本标准（试行）》评价合格，或机构按标准自评并接受核实。"),
    ("室内空气", "由检测机构检测合格。新装修的尤其要看。"),
    ("食品经营许可", "在机构里做饭的要有；不供餐的不需要。"),
    ("监控录像", "生活和活动区域全覆盖，录像保存不少于 90 天，由机构填报、检查时抽查回放。"),
)
TERMS = (
    (
        "registration",
        "登记",
        "取得法人或经营资格：事业单位在机构编制部门，社会服务机构在民政部门，企业和个体工商户在市场监管部门。",
    ),
    (
        "filing",
        "备案",
        "登记后向县（市、区）卫生健康部门报备。备案不是行政许可，但是法定义务（人口与计划生育法第28条）。",
    ),
    ("place", "托位", "机构能收托的婴幼儿人数上限。余位由机构填报，请以机构答复为准。"),
    (
        "ratio",
        "师生配比",
        "每名保育人员最多照护几名婴幼儿：乳儿班 3 名，托小班 5 名，托大班 7 名（托育机构设置标准第20条）。",
    ),
    ("inclusive", "普惠", "机构申报按政府指导价收费。是否认定以县（市、区）公布的名单为准。"),
    ("prepaid", "预收", "一次收几个月的费用。预收越多，机构停业时退费的风险越大。"),
    ("official", "官方信息", "由登记机关、卫生健康部门等提供，只有它们能改。"),
    ("reported", "机构填报", "由机构自己提供。超过 90 天没有确认的变灰，并注明「机构未按期更新」。"),
    ("report", "报错", "每一栏下面都可以报错，由掌握这项数据的部门在 5 个工作日内答复（本平台的承诺）。"),
)


@require_safe
def how_to_read(request: HttpRequest) -> HttpResponseBase:
    """The page; the same for everybody, no query."""
    context = {
        "heading": "怎么看懂机构信息",
        "lead": "先看是否合法，再看安全底线，然后看检查、收费和人员。",
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "standings": STANDINGS.values(),
        "grades": GRADES,
        "gates": GATES,
        "terms": TERMS,
    }
    return shared(request, render(request, "register/how_to_read.html", context))
