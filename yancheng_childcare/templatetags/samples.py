"""Realistic content for /styleguide/: one of everything, all of it fictional (`{% load samples %}`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.core.paginator import Paginator

from yancheng_childcare.problems import Level, Problem
from yancheng_childcare.workdays import SHANGHAI, Colour, Light

register = template.Library()

PROBLEMS = [
    Problem("REG-004", "uscc", "统一社会信用代码第 18 位应为 T，请核对营业执照"),
    Problem("REG-103", "business_scope", "经营范围须含“托育服务”或“3岁以下婴幼儿照护服务”"),
    Problem("REG-106", "name", "机构名称建议含“托育”字样", Level.WARN, "登记和备案办法（试行）第五条"),
]
PAYLOAD = """{
  "type": "registration.recorded",
  "timestamp": "2026-11-23T09:30:12+08:00",
  "data": {"event_version": 1, "uscc": "91320902MA1TYC011T", "status": "active"}
}"""


class SampleForm(forms.Form):
    """Every kind of field, as a registrar would meet it."""

    uscc = forms.CharField(
        label="统一社会信用代码", max_length=18, help_text="18 位，见营业执照右上角，不含字母 I、O、S、V、Z"
    )
    name = forms.CharField(label="机构名称", max_length=100)
    nature = forms.ChoiceField(
        label="机构性质",
        choices=[("PUBLIC", "事业单位"), ("NONPROFIT", "社会服务机构"), ("FORPROFIT", "企业")],
        widget=forms.RadioSelect,
    )
    region = forms.ChoiceField(
        label="所在地区", choices=[("", "请选择"), ("320902", "亭湖区"), ("320903", "盐都区"), ("320981", "东台市")]
    )
    business_scope = forms.CharField(label="经营范围", widget=forms.Textarea(attrs={"rows": 3}))
    established_on = forms.DateField(label="成立日期")
    forms_offered = forms.MultipleChoiceField(
        label="服务形式",
        choices=[("FULL", "全日托"), ("HALF", "半日托"), ("HOUR", "计时托")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    certificate = forms.FileField(label="营业执照扫描件", help_text="PDF、JPG 或 PNG，不超过 20 MB", required=False)
    pledged = forms.BooleanField(label="以上内容与证照一致，本人已核对")


class SampleFilter(forms.Form):
    """A filter bar with two conditions applied."""

    q = forms.CharField(label="关键词", required=False)
    region = forms.ChoiceField(
        label="地区", choices=[("", "全市"), ("320902", "亭湖区"), ("320903", "盐都区")], required=False
    )
    status = forms.ChoiceField(label="状态", choices=[("", "全部"), ("RETRY", "等待重发")], required=False)


def _bound_form() -> SampleForm:
    form = SampleForm(
        {
            "uscc": "91320902MA1TYC011Y",
            "name": "盐城示例儿童服务有限公司",
            "nature": "FORPROFIT",
            "region": "320902",
            "business_scope": "儿童娱乐；健康咨询",
            "established_on": "2026-11-31",
            "pledged": "on",
        }
    )
    form.full_clean()
    return form


def _timeline() -> list[dict[str, Any]]:
    return [
        {
            "at": datetime(2026, 11, 20, 15, 2, tzinfo=SHANGHAI),
            "title": "登记信息已录入",
            "who": "亭湖区市场监督管理局　周*",
        },
        {
            "at": datetime(2026, 11, 20, 15, 2, tzinfo=SHANGHAI),
            "title": "已推送亭湖区卫生健康委员会",
            "light": "green",
            "word": "已接收",
        },
        {
            "at": datetime(2026, 11, 23, 8, 40, tzinfo=SHANGHAI),
            "title": "已推送盐城市公安局亭湖分局",
            "light": "yellow",
            "word": "等待重发",
            "text": "对方系统暂时不可用（503），将于 08:55 自动重发。",
        },
        {"at": "", "title": "公安机关回告处置结果", "waiting": True},
    ]


def _table() -> dict[str, Any]:
    def row(name: str, region: str, day: str, days: int, colour: str, word: str, note: str) -> dict[str, Any]:
        return {
            "url": "#tables",
            "cells": [
                {"value": name},
                {"label": "地区", "value": region},
                {"label": "登记日期", "value": day},
                {"label": "已过天数", "value": days, "num": True},
                {"label": "备案情况", "value": word, "light": colour, "number": note},
            ],
        }

    return {
        "columns": [
            {"label": "机构名称"},
            {"label": "地区"},
            {"label": "登记日期", "url": "?ordering=registered_on", "sort": "descending"},
            {"label": "已过天数", "num": True},
            {"label": "备案情况"},
        ],
        "rows": [
            row("盐城小雨点托育服务有限公司", "亭湖区五星街道", "2026-11-18", 5, "green", "正常", "剩 7 个工作日"),
            row("盐都区向阳里托育中心", "盐都区潘黄街道", "2026-11-10", 13, "yellow", "临期", "剩 1 个工作日"),
            row("东台市安丰镇禾苗托育园", "东台市安丰镇", "2026-10-16", 38, "red", "超期", "超 16 个工作日"),
            row("大丰区丰华街道蒲公英托育点", "大丰区丰华街道", "2026-11-12", 11, "grey", "暂停", "等待补正"),
            row("建湖县九龙口镇荷塘托育园", "建湖县九龙口镇", "2026-10-09", 45, "blue", "办结", ""),
        ],
    }


@register.simple_tag
def styleguide_samples() -> dict[str, Any]:
    """Everything /styleguide/ shows, under one name."""
    table = _table()
    return {
        "form": _bound_form(),
        "empty_form": SampleForm(auto_id="sample_%s"),
        "filter": SampleFilter({"q": "托育园", "region": "320902"}, auto_id="filter_%s"),
        "chips": [
            {"label": "地区：亭湖区", "remove_url": "#filters"},
            {"label": "关键词：托育园", "remove_url": "#filters"},
        ],
        "problems": PROBLEMS,
        "columns": table["columns"],
        "rows": table["rows"],
        "timeline": _timeline(),
        "tasks": [
            {"label": "机构基本信息", "url": "#steps", "status": "已完成", "light": "blue"},
            {
                "label": "场地与消防",
                "url": "#steps",
                "status": "需修改",
                "light": "red",
                "hint": "租赁合同缺少最后一页",
            },
            {"label": "从业人员", "url": "#steps", "status": "填写中", "light": "yellow"},
            {"label": "承诺书", "status": "暂不能填", "light": "grey", "hint": "先完成前面三项"},
        ],
        "summary": [
            {"label": "机构名称", "value": "盐城小雨点托育服务有限公司", "change_url": "#summary"},
            {"label": "住所", "value": "亭湖区五星街道解放南路 58 号", "change_url": "#summary"},
            {"label": "登记状态", "value": "存续", "light": "green"},
            {"label": "营业期限", "value": "", "note": "不填表示长期", "change_url": "#summary"},
        ],
        "figures": [
            {"label": "已登记机构", "value": 371, "unit": "家", "hint": "登记状态为存续", "url": "#figures"},
            {"label": "已备案机构", "value": 312, "unit": "家", "hint": "占已登记 84%", "url": "#figures"},
            {"label": "推送成功率", "value": "99.8", "unit": "%", "hint": "近 24 小时，共 1,204 条", "url": "#figures"},
            {"label": "普惠托位", "value": None, "hint": "各区尚未报送"},
        ],
        "page": Paginator(range(2360), 20).page(7),
        "tabs": [
            {"label": "待处理", "url": "#tabs", "current": True, "count": 12},
            {"label": "已办结", "url": "#tabs", "count": 1204},
            {"label": "全部", "url": "#tabs", "count": 1216},
        ],
        "entrances": [
            {"title": "查机构", "text": "按名称、地址或统一社会信用代码核对状态。", "url": "#cards", "icon": "search"},
            {
                "title": "已登记未备案",
                "text": "登记已推送、尚未提交备案的机构。",
                "url": "#cards",
                "icon": "list-check",
            },
        ],
        "payload": PAYLOAD,
        "trend": [31, 28, 35, 40, 38, 44, 52],
        "day": date(2026, 11, 23),
        "moment": datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI),
        "clock": Light(Colour.YELLOW, "临期", 1),
        "lights": [
            ("green", "剩 6 个工作日"),
            ("yellow", "剩 1 个工作日"),
            ("red", "超 3 个工作日"),
            ("grey", ""),
            ("blue", ""),
        ],
    }
