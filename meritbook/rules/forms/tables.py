"""The form of a rule table to read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST_FILE = 20 * 1024 * 1024


class RuleTableForm(forms.Form):
    """A rule table to read: a file, or pasted text with one standard a line."""

    file = forms.FileField(label=_("积分标准表"), required=False, max_length=200)
    text = forms.CharField(
        label=_("粘贴文字"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "一行一条，例如“迟到 -5分”“每周五 22 点前提交周报 10分/周”。也可以从 Excel 里选中表格，复制后粘贴。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("file") and not (data.get("text") or "").strip():
            raise forms.ValidationError(_("请选择一个文件，或者粘贴文字。"))
        return data

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 20 MB，请拆分后再上传"))
        return file
