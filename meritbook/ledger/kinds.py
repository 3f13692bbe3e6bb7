"""What kinds of transactions are called."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "award": _("加分"),
    "deduct": _("扣分"),
    "adjust": _("调整"),
    "reverse": _("冲销"),
    "opening": _("期初余额"),
    "spend": _("使用"),
    "transfer": _("转移"),
    "expire": _("到期清零"),
    "grant": _("发放额度"),
    "lapse": _("提前失效"),
    "release": _("公示结束"),
    "convert": _("兑换"),
}


def kind_name(kind: str) -> str:
    """A transaction's kind as people say it."""
    return str(KINDS.get(kind, kind))
