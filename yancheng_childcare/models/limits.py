"""What `limits.count` keeps: how often something was done in a window that is still open."""

from django.db import models


class LimitCount(models.Model):
    """One open window. `mark` is the keyed hash of what is counted; the row is deleted once the window is over."""

    mark = models.CharField("标记", max_length=64, primary_key=True)
    number = models.PositiveIntegerField("次数")
    ends_at = models.DateTimeField("到期")

    class Meta:
        verbose_name = verbose_name_plural = "限次计数"

    def __str__(self) -> str:
        return f"{self.mark[:8]}: {self.number}"
