"""Error pages in Chinese: what happened, what to do next, and a number to quote."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import loader
from django.urls import reverse

from ..context import is_large, public_nav
from ..files.codes import refuse
from ..files.storage import is_full
from ..outages import RETRY_SECONDS, database_is_away, mark_unavailable, unavailable
from ..problems import Problem, Rejected
from ..records import request_id
from ..rendering import problem_json

STALE_WORDS = "这一页已经过期（在别的窗口登录或退出过，或停留过久），刚才的内容没有提交。"
PAGES = {400, 403, 404, 405, 409, 411, 413, 422, 429, 500, 503}


def problem_page(request: HttpRequest, rejected: Rejected) -> HttpResponse:
    """The page for a rejected request, or RFC 9457 under /api/; needs neither database nor session."""
    if request.path.startswith("/api/"):
        return problem_json(rejected)
    known = rejected.status if rejected.status in PAGES else (409 if rejected.status == 412 else 400)
    html = loader.render_to_string(f"errors/{known}.html", _around(request, rejected))
    response = HttpResponse(html, status=rejected.status)
    if rejected.retry_after is not None:
        response.headers["Retry-After"] = str(rejected.retry_after)
    return response


def _around(request: HttpRequest, rejected: Rejected) -> dict[str, Any]:
    return {
        "problems": rejected.problems,
        "trace_id": request_id(),
        "status": rejected.status,
        "demo": settings.DEMO,
        "contact": settings.CONTACT,
        "nav": public_nav(request.path),
        "large": is_large(request),
        "retry_after": rejected.retry_after or (RETRY_SECONDS if rejected.status in {429, 503} else None),
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):  # Django gave up reading: nothing was kept
        words = "上传的内容超过一次请求的上限，没有保存。单个文件不超过 20 MB，请分几次上传。"
        return problem_page(request, Rejected(Problem("FILE-002", "", words), status=413))
    return problem_page(
        request, Rejected(Problem("GEN-400", "", "提交的内容无法识别，请返回上一页检查后重试。"), status=400)
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(
        request,
        Rejected(Problem("GEN-403", "", "您的职责不包含这项功能。如需办理，请联系本单位管理员。"), status=403),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # A visitor has no duties; somebody with a session may have asked for what lies outside theirs. The cookie tells
    # without a query, and says nothing of whether the page exists.
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    words = (
        "没有找到这个页面，或它不在您的职责范围内。"
        if signed_in
        else "没有找到这个页面。网址可能输错了，或者页面已经移动。"
    )
    return problem_page(request, Rejected(Problem("GEN-404", "", words), status=404))


def unavailable_page(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The 503 while the database is away, in the face the caller uses."""
    response = problem_page(request, unavailable())
    mark_unavailable(response, error)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever escaped a view or a middleware, ours or a library's: Django calls this while it handles the exception.

    So a database that is away is recognised here for every layer at once, wherever it was asked.
    """
    error = sys.exc_info()[1]
    if error is not None and database_is_away(error):
        return unavailable_page(request, error)
    if isinstance(error, OSError) and is_full(error):  # also where Django itself writes a large upload to the disk
        return problem_page(request, refuse("FILE-026", ""))
    return problem_page(
        request,
        Rejected(
            Problem("GEN-500", "", "系统出现故障，已自动记录。请稍后再试；急办事项请拨打页面下方电话。"), status=500
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before the last sign-in or sign-out: never "no permission", and nothing typed is lost.

    At the sign-in page somebody signed in elsewhere goes on; others get the form again. Elsewhere what was typed is
    offered once more, but only where the browser says that it came from our own page: another site's never is.
    """
    if request.path == reverse("account_login"):
        if request.user.is_authenticated:
            return redirect(get_next_redirect_url(request) or "desk")
        return redirect(f"{reverse('account_login')}?{urlencode({'stale': 1, 'next': request.POST.get('next', '')})}")
    rejected = Rejected(Problem("GEN-CSRF", "", STALE_WORDS), status=403)
    if request.path.startswith("/api/"):
        return problem_json(rejected)
    html = loader.render_to_string(
        "errors/csrf.html", {**_around(request, rejected), "typed": _typed(request)}, request
    )
    return HttpResponse(html, status=403)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form of ours that was only stale; files and secrets are not sent twice."""
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not ours or not request.user.is_authenticated or request.FILES or "HX-Request" in request.headers:
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not any(word in name for word in ("password", "code_", "secret"))
    ]
