"""Forms of org's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.org.keys import SCOPES
from meritbook.org.models import Employee

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SignInForm(forms.Form):
    """Who, in which company, and the password."""

    identity = forms.CharField(
        label=_("手机号或工号"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    company = forms.CharField(
        label=_("公司代码"),
        max_length=40,
        required=False,
        help_text=_("用工号登录时填写"),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autocapitalize": "off"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label=_("新密码"),
        max_length=200,
        strip=False,
        help_text=_("至少 8 个字符，不要全是数字，也不要太常见"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输入一次"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次输入的密码不一样"))
        return again


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the old one."""

    old = forms.CharField(
        label=_("现在的密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password", "again")


class PersonForm(forms.Form):
    """A person's fields; departments and managers are given by the view."""

    employee_no = forms.CharField(label=_("工号"), max_length=40)
    name = forms.CharField(label=_("姓名"), max_length=60)
    department = forms.TypedChoiceField(label=_("部门"), coerce=int)
    post = forms.CharField(label=_("岗位"), max_length=80, required=False)
    grade = forms.CharField(label=_("职级"), max_length=40, required=False)
    hired_on = forms.DateField(label=_("入职日期"), required=False, widget=DATE)
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    manager_no = forms.CharField(
        label=_("直属上级工号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("状态"),
        choices=[
            (Employee.State.ACTIVE, Employee.State.ACTIVE.label),
            (Employee.State.PROBATION, Employee.State.PROBATION.label),
        ],
    )
    effective_on = forms.DateField(
        label=_("调动从哪天起"),
        required=False,
        widget=DATE,
        help_text=_("部门、岗位、职级的变动从这一天起算"),
    )

    def __init__(
        self, *args: object, departments: list[tuple[int, str]], edit: bool, **kwargs: object
    ):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]
        del self.fields["employee_no" if edit else "effective_on"]


class LeaveForm(forms.Form):
    """The last day of an employment."""

    left_on = forms.DateField(label=_("最后工作日"), widget=DATE)
    reason = forms.CharField(label=_("备注"), max_length=200, required=False)


class ReturnForm(forms.Form):
    """The first day of another employment."""

    from_day = forms.DateField(label=_("复职日期"), widget=DATE)
    department = forms.TypedChoiceField(label=_("部门"), coerce=int)

    def __init__(self, *args: object, departments: list[tuple[int, str]], **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]


class DepartmentForm(forms.Form):
    """A department's name, place and manager."""

    name = forms.CharField(label=_("部门名称"), max_length=80)
    parent = forms.TypedChoiceField(
        label=_("上级部门"), required=False, coerce=int, empty_value=None
    )
    manager_no = forms.CharField(label=_("负责人工号"), max_length=40, required=False)

    def __init__(self, *args: object, departments: list[tuple[int, str]], **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["parent"].choices = [("", _("（没有上级）")), *departments]  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(label=_("用途"), max_length=80, help_text=_("例如：CRM 同步、考勤系统"))
    scopes = forms.MultipleChoiceField(
        label=_("权限"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = forms.DateField(
        label=_("有效期到"), required=False, widget=DATE, help_text=_("不填则一直有效，可随时停用")
    )
