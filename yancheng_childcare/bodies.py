"""How large a request may be: decided by what it announces, before any of it is read (reliability.md T26).

Django would read a form with files to its end, onto the disk, before the first line of ours could refuse it.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from .permissions import rule_for
from .problems import Problem, Rejected
from .rendering import MAX_BODY

# Boundaries, names and the other fields of a form around one file.
AROUND = 1024 * 1024


def too_large(request: HttpRequest) -> Rejected | None:
    """The refusal of a body that is too large for its route (413) or does not say how large it is (411), else None."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        words = "请求没有说明内容的长度，没有保存。请在请求头中给出 Content-Length 后重新提交。"
        return Rejected(Problem("GEN-411", "", words), status=411, title="请求没有完成")
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    length = int(announced) if announced.isascii() and announced.isdecimal() else MAX_BODY + 1
    if length <= MAX_BODY:
        return None
    if not _takes_files(request.path_info):
        words = "提交的内容超过 1 MB，没有保存。请减少内容后重试；文件请在上传页面提交，批量数据请用文件导入。"
        return Rejected(Problem("GEN-413", "", words), status=413, title="请求没有完成")
    if length > settings.UPLOAD_MAX_BYTES + AROUND:
        most = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        words = f"一次上传的内容超过 {most} MB，没有保存。请压缩或拆分文件，分几次上传。"
        return Rejected(Problem("FILE-002", "", words), status=413, title="文件不能上传")
    return None


def _takes_files(path: str) -> bool:
    try:
        rule = rule_for(resolve(path).view_name)
    except Resolver404:
        return False
    return rule is not None and rule.takes_files
