"""The kernel's own error codes, and the catalogue of all areas for the public list."""

from __future__ import annotations

import re
from collections.abc import Mapping

GENERAL_CODES = {
    "GEN-000": "请求没有完成",
    "GEN-400": "含有无法识别或不能保存的字符或数值",
    "GEN-401": "没有登录，或接口密钥无效",
    "GEN-403": "职责不包含这项功能",
    "GEN-404": "没有找到，或不在职责范围内",
    "GEN-405": "不支持这种请求方式",
    "GEN-406": "只提供 JSON",
    "GEN-409": "与当前状态或已有数据冲突",
    "GEN-410": "链接已用过、已过期或还没有批准",
    "GEN-411": "没有说明内容的长度",
    "GEN-412": "记录已被他人更新",
    "GEN-413": "提交的内容过大",
    "GEN-414": "网址过长",
    "GEN-415": "内容类型不支持",
    "GEN-422": "字段填写有误",
    "GEN-428": "缺少必需的请求头",
    "GEN-429": "请求过于频繁",
    "GEN-500": "系统故障",
    "GEN-503": "系统暂时不可用",
    "GEN-ID": "普通文字中含有身份证号码",
    "GEN-JSON": "请求内容不是有效的 JSON",
    "GEN-2FA": "职责要求两步验证，账号还没有设置",
    "GEN-CSRF": "页面已过期",
    "GEN-UNKNOWN": "不认识的字段",
}


ACCOUNT_CODES = {
    "ACC-401": "需要再次确认是本人",
    "ACC-403": "只有平台管理员可以办理",
    "ACC-409": "身份标识已登记，或这项登记已办结",
    "ACC-410": "须由另一名管理员办理",
    "ACC-422": "身份标识填写有误",
    "ACC-500": "两步验证信息无法读取",
}


_areas: list[tuple[str, Mapping[str, str]]] = []


def add_areas(*areas: tuple[str, Mapping[str, str]]) -> None:
    """An app's areas (title, {code: meaning}), told once when it is ready."""
    _areas.extend(area for area in areas if area not in _areas)


def catalogue() -> list[tuple[str, dict[str, str]]]:
    """(title, {code: meaning}) per area: the kernel's, then each app's in its own order."""
    from .approvals import CODES as APPROVAL_CODES
    from .files.codes import FILE_CODES

    return [
        ("通用", GENERAL_CODES),
        ("账号", ACCOUNT_CODES),
        ("双人批准", dict(APPROVAL_CODES)),
        ("文件", {code: re.sub(r"\{\w+\}", "…", words) for code, words in FILE_CODES.items()}),
        *((title, dict(codes)) for title, codes in _areas),
    ]
