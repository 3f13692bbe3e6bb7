"""What the audit log's actions are called."""

from django.utils.translation import gettext_lazy as _

DEEDS = {
    "company.create": _("建立公司"),
    "people.import": _("导入员工"),
    "people.import.undo": _("撤销导入"),
    "person.add": _("新增员工"),
    "person.edit": _("修改资料"),
    "person.leave": _("办理离职"),
    "person.return": _("办理复职"),
    "fact.set": _("登记资料"),
    "fact.end": _("结束资料"),
    "activation.issue": _("生成激活链接"),
    "login.open": _("激活登录"),
    "login.reset": _("重置密码"),
    "login.password": _("修改密码"),
    "roles.set": _("调整权限"),
    "sign_in": _("登录"),
    "sign_in.failed": _("登录失败"),
    "sign_out": _("退出登录"),
    "department.add": _("新增部门"),
    "department.rename": _("部门改名"),
    "department.move": _("移动部门"),
    "department.manager": _("指定负责人"),
    "department.active": _("启用或停用部门"),
    "calendar.set": _("调整日历"),
    "calendar.clear": _("恢复日历"),
    "approval.open": _("发起审批"),
    "approval.approve": _("同意审批"),
    "approval.refuse": _("拒绝审批"),
    "approval.withdraw": _("撤回审批"),
    "worth.set": _("调整积分价值"),
    "ledger.reverse": _("冲销记账"),
    "ledger.export": _("导出账本"),
    "statement.export": _("导出对账单"),
    "period.close": _("关账"),
    "period.reopen": _("重新打开月份"),
    "ledger.rebuild": _("按记账重算账本"),
    "witness.name": _("设定账本指纹通知谁"),
    "budget.set": _("设定预算"),
    "budget.end": _("结束预算"),
    "key.create": _("新建接口密钥"),
    "key.revoke": _("停用接口密钥"),
}


def deed(action: str) -> str:
    """The action in words; one without words shows its code."""
    return str(DEEDS.get(action, action))
