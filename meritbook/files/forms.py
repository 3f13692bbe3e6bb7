"""Forms of files' pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST = 20 * 1024 * 1024


class UploadForm(forms.Form):
    """One spreadsheet."""

    file = forms.FileField(label=_("文件"), max_length=200)

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("文件超过 20 MB，请拆分后再上传"))
        return file
