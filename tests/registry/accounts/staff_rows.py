"""Tables of people and duties as administrators hand them in."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import StaffTable

URL = "/desk/staff/import/"
APPROVALS = "/desk/staff/approvals/"
TITLES = ("姓名", "用户名", "电子邮箱", "角色", "部门", "辖区", "执法证号", "开始日期", "结束日期")


def row(**cells: str) -> dict[str, str]:
    """One row; a reviewer of 亭湖区 unless the cells say otherwise."""
    usual = {"姓名": "新人甲", "用户名": "new_a", "角色": "县级卫健受理岗", "部门": "320902-HEALTH"}
    return {title: {**usual, **cells}.get(title, "") for title in TITLES}


def as_csv(rows: list[dict[str, str]], name: str = "人员.csv") -> SimpleUploadedFile:
    """The rows as an upload."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, TITLES)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(name, text.getvalue().encode())


def hand_in(client: Any, rows: list[dict[str, str]]) -> str:
    """Upload; the address of the dry run."""
    answer = client.post(URL, {"file": as_csv(rows)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return str(answer.url)


def submit(client: Any, url: str) -> StaffTable:
    """Ask for what a dry run showed."""
    answer = client.post(URL, {"action": "submit", "file": url.partition("file=")[2]})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return StaffTable.objects.latest("pk")


def decide(client: Any, table: StaffTable, to: str, **more: str) -> Any:
    """Approve or refuse as the page shows it."""
    page = f"{APPROVALS}stafftable/{table.pk}/"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(page).content.decode())
    assert seen is not None
    return client.post(page, {"to": to, "seen": seen[1], **more})
