"""Messages to people, and the signs of life of the workers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..crypto import EncryptedTextField


class Notification(models.Model):
    """A message to one user: shown in the portal, and mailed when the user has an address."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", verbose_name="收件人"
    )
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", max_length=2000)
    url = models.CharField("去处理", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    # A notice about the account itself goes to the address that was confirmed at that moment, even if it was read in the
    # portal meanwhile: whoever sits at another's desk could else read it away, or change the address first.
    mail_to = EncryptedTextField("寄往", purpose="yancheng_childcare.notification.mail_to", null=True, blank=True)
    mailed_at = models.DateTimeField("邮件发出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-id"]
        indexes = [models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notification_unread")]

    def __str__(self) -> str:
        return self.title


class Heartbeat(models.Model):
    """The last sign of life of a worker queue; the supervisor restarts a queue that falls silent. Also: the last whole night."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
