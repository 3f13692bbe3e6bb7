"""Forms of the site's own pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.org.forms import NewPasswordForm


class SetupForm(NewPasswordForm):
    """The first company, its owner, and what to begin with."""

    name = forms.CharField(label=_("公司名称"), max_length=120)
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        label=_("公司代码"),
        max_length=40,
        help_text=_("用工号登录时要填，字母和数字，例如 hongyuan"),
        error_messages={"invalid": _("请只用字母、数字、点和横线")},
    )
    admin_name = forms.CharField(label=_("你的姓名"), max_length=60)
    employee_no = forms.CharField(label=_("你的工号"), max_length=40, initial="0001")
    phone = forms.CharField(
        label=_("你的手机号"),
        max_length=20,
        required=False,
        help_text=_("填了就可以用手机号登录"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    template = forms.ChoiceField(label=_("从哪里开始"), required=False, widget=forms.RadioSelect)
    field_order = (
        "name",
        "code",
        "admin_name",
        "employee_no",
        "phone",
        "password",
        "again",
        "template",
    )

    def __init__(self, *args: object, templates: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["template"].choices = templates  # type: ignore[attr-defined]
