"""A few messages to the demo accounts, so that the message page has content. Each stands once, however often it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from yancheng_childcare.models import Notification, User
from yancheng_childcare.notifications import notify


@dataclass(frozen=True, slots=True)
class Message:
    """To whom, what, and the page it leads to."""

    username: str
    title: str
    body: str
    route: str = "desk"


MESSAGES = (
    Message(
        "reviewer_tinghu",
        "演示：有机构已登记未备案",
        "亭湖区部分机构已登记、还没有备案，其中有登记已满 60 天的，请联系机构尽快提交备案材料。",
        "registry:unfiled",
    ),
    Message(
        "chief_tinghu",
        "演示：已登记未备案清单已更新",
        "清单按登记天数排列，满 60 天的排在治理清单里。",
        "registry:unfiled",
    ),
    Message(
        "police_tinghu",
        "演示：有新登记机构待安全防范指导",
        "近一个月登记的机构已推送到本部门，指导后请报送处置回执。",
        "registry:police",
    ),
    Message(
        "registrar_tinghu",
        "演示：登记信息已写入推送队列",
        "登记信息会自动推送卫健和公安部门，可在登记台账查看送达情况。",
        "registry:list",
    ),
    Message(
        "health_city",
        "演示：三本台账可以对照查看",
        "登记、卫健、公安三本台账的差异按县（市、区）列出，可逐家核对。",
        "registry:ledgers",
    ),
    Message("operator_xiaotaiyang", "演示：备案编号已登记", "贵机构的国家系统备案编号已登记到本平台，请核对。"),
    Message("operator_yangguang", "演示：请及时办理备案", "贵机构已完成登记，请及时向盐都区卫生健康委员会备案。"),
    Message("admin", "演示：环境已就绪", "两个演示接收端已登记为推送端点，可在推送日志中查看每一次推送。"),
)


def leave_messages(users: dict[str, User]) -> int:
    """Leave the messages that are not there yet; returns how many."""
    known = set(Notification.objects.filter(title__startswith="演示：").values_list("user__username", "title"))
    new = [message for message in MESSAGES if (message.username, message.title) not in known]
    return sum(notify([users[m.username]], title=m.title, body=m.body, url=reverse(m.route)) for m in new)
