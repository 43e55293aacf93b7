"""我的工作台 and messages: the entrances of one's duties, the lists worked off, messages that lead on."""

from __future__ import annotations

import pytest

from tests.pages import page_of
from yancheng_childcare.models import Notification

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "there", "missing"),
    [
        ("registrar_tinghu", "名称或范围待规范", "三本台账"),
        ("reviewer_tinghu", "已登记未备案", "安全防范指导"),
        ("police_tinghu", "安全防范指导", "已登记未备案"),
        ("leader_city", "三本台账", "名称或范围待规范"),
    ],
)
def test_entrances_follow_the_duties(html_of, who, there, missing):
    html = html_of(who, "/desk/")
    assert there in html
    assert missing not in html


def test_a_list_to_work_off_is_one_line_with_its_length(html_of, institution):
    institution(name="盐城市禾苗儿童中心")
    for who, task, path in (
        ("registrar_tinghu", "规范名称或经营范围，或者说明理由", "/desk/registrations/irregular/?show=open"),
        ("reviewer_tinghu", "联系成立满 30 天还没有备案的机构", "/desk/unfiled/?age=30"),
    ):
        page = html_of(who, "/desk/")
        assert f'<a href="{path}">{task}</a>' in page
        assert "1 家机构" in page_of(page).lines


def test_a_message_is_read_and_leads_on(as_user, cast):
    note = Notification.objects.create(
        user=cast["registrar_tinghu"], title="推送需人工处理", body="请查看", url="/desk/"
    )
    client = as_user("registrar_tinghu")
    assert "推送需人工处理" in client.get("/desk/messages/").content.decode()
    response = client.post(f"/desk/messages/{note.pk}/")
    assert response.url == "/desk/"
    note.refresh_from_db()
    assert note.read_at is not None


def test_a_message_of_somebody_else_is_not_there(as_user, cast):
    note = Notification.objects.create(user=cast["health_city"], title="给别人的", body="内容")
    assert as_user("registrar_tinghu").post(f"/desk/messages/{note.pk}/").status_code == 404
    assert "给别人的" not in as_user("registrar_tinghu").get("/desk/messages/").content.decode()
    assert "没有消息" in as_user("registrar_tinghu").get("/desk/messages/").content.decode()
