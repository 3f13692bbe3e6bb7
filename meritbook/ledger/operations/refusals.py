"""What the ledger answers when it does not take something: one class a trouble, one sentence each."""

from __future__ import annotations

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal


class PostingRefused(Refusal):
    """The ledger did not take a posting; ``code`` names the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason_text(reason), code=reason)


class KeyReused(PostingRefused):
    """The key belongs to a transaction with another payload."""

    status = 409

    def __init__(self) -> None:
        super().__init__("key_reused")


class BelowFloor(PostingRefused):
    """The account does not hold what the posting would take."""

    def __init__(self) -> None:
        super().__init__("below_floor")


class NothingLeft(PostingRefused):
    """The transaction is reversed already, or by less than was asked for."""

    status = 409

    def __init__(self) -> None:
        super().__init__("nothing_left")


def reason_text(reason: str) -> str:
    """One sentence for a ``Result.reason``."""
    texts = {
        "key_reused": _("这个幂等键已用于另一笔内容不同的记账"),
        "below_floor": _("余额不足，不能扣到下限以下"),
        "nothing_left": _("原记账已全部冲销，没有可冲销的余额"),
        "bad_key": _("幂等键为空、过长或含有不可用的字符"),
        "bad_amount": _("分值必须是非零整数，且不超过上限"),
        "bad_assets": _("积分资产为空或重复"),
        "bad_kind": _("记账类型不可用"),
        "bad_source": _("来源类型不可用"),
        "bad_day": _("记账日期缺失或超出范围"),
        "unknown_asset": _("没有这种积分资产"),
        "unknown_party": _("公司里没有这个账户主体"),
        "unknown_department": _("公司里没有这个部门"),
        "unknown_transaction": _("没有这笔记账"),
        "not_reversible": _("冲销本身不能再冲销，请重新记账"),
    }
    return texts.get(reason, reason)


def refusal(reason: str | None) -> PostingRefused:
    """The error of a refused row's reason."""
    match reason:
        case "below_floor":
            return BelowFloor()
        case "nothing_left":
            return NothingLeft()
        case "key_reused":
            return KeyReused()
        case other:
            return PostingRefused(other or "refused")
