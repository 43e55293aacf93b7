"""What is handed in."""

from __future__ import annotations

from django import forms

from .columns import MAX_ROWS


class TableForm(forms.Form):
    """The table."""

    use_required_attribute = False
    file = forms.FileField(
        label="人员与职责表",
        help_text=f"xlsx 或 csv，不超过 20 MB，最多 {MAX_ROWS:,} 行。先检查，不保存任何人员。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
