"""Tables that leave the portal: safe cells, personal fields masked, every export kept as an act."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from yancheng_childcare.exports import export_name, write_csv, write_xlsx
from yancheng_childcare.masking import mask_id, mask_phone
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.records import log_event

from ...models import Institution
from ..fields import ENTERED, current_values
from ..filters import RegistrationFilter
from ..forms import label_of, shown_value

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CODES = {"统一社会信用代码", "法定代表人证件号码", "联系电话"}


def table_response(
    request: HttpRequest,
    rows: Iterable[Sequence[Any]],
    header: Sequence[str],
    *,
    name: str,
    count: int,
    text_columns: Collection[str] = (),
    unit: str = "家",
) -> HttpResponseBase:
    """The rows as xlsx or (`?format=csv`) csv. The export is kept as an act before the first row goes out."""
    extension = "csv" if request.GET.get("format") == "csv" else "xlsx"
    user: Any = request.user
    prefixes = sorted({d.region.prefix for d in user.duties_as(*opening_roles(request)) if d.region})
    log_event(
        "registry.exported",
        subject="registry.export",
        summary=f"导出{name}，共 {count:,} {unit}",
        actor=request.user,
        region_prefix=prefixes[0] if prefixes else "",
        data={"count": count, "format": extension, "filter": {k: v[:100] for k, v in request.GET.items()}},
    )
    filename = export_name("盐城市", name, timezone.localdate().isoformat(), timezone.localtime(), extension)
    if extension == "csv":
        response = StreamingHttpResponse(write_csv(rows, header), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = content_disposition_header(True, filename) or ""
        return response
    book = write_xlsx(rows, header, name, text_columns=text_columns)
    return FileResponse(book, as_attachment=True, filename=filename, content_type=XLSX)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The registration list with the same filters as on the page."""
    seen = Institution.objects.visible_to(request.user, opening_roles(request))
    rows = RegistrationFilter(request.GET, seen, request=request).qs
    rows = rows.select_related("registry_org").order_by("-id")
    header = [*(label_of(name) for name in ENTERED), "登记机关", "登记状态", "终止日期", "备案编号", "备案日期", "版本"]

    def cells() -> Iterable[list[Any]]:
        for row in rows.iterator(chunk_size=1000):
            values = current_values(row)
            values["legal_rep_id_no"] = mask_id(values["legal_rep_id_no"])
            values["contact_phone"] = mask_phone(values["contact_phone"])
            yield [
                *(v if name == "registered_capital" else shown_value(name, v) for name, v in values.items()),
                row.registry_org.name,
                row.get_status_display(),
                row.terminated_on,
                row.national_filing_no,
                row.filed_on,
                row.record_version,
            ]

    return table_response(request, cells(), header, name="机构登记", count=rows.count(), text_columns=CODES)
