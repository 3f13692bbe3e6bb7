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


class LotsLapsed(PostingRefused):
    """There would be enough, but the last day of some of it has passed."""

    def __init__(self) -> None:
        super().__init__("lots_lapsed")


class AccountBlocked(PostingRefused):
    """The wallet is blocked or archived."""

    def __init__(self, reason: str = "account_blocked") -> None:
        super().__init__(reason)


class NotTransferable(PostingRefused):
    """The asset's policy does not let employees hand it on."""

    def __init__(self) -> None:
        super().__init__("not_transferable")


class NotConvertible(PostingRefused):
    """The asset's policy does not let it be turned into another."""

    def __init__(self) -> None:
        super().__init__("not_convertible")


class NoRate(PostingRefused):
    """There is no rate between the two assets on that day."""

    def __init__(self) -> None:
        super().__init__("no_rate")


class NotApproved(PostingRefused):
    """A change of rate needs a second person."""

    def __init__(self) -> None:
        super().__init__("not_approved")


class ShortNotice(PostingRefused):
    """A change of rate begins too soon after it is announced."""

    def __init__(self) -> None:
        super().__init__("short_notice")


class HoldEnded(PostingRefused):
    """The hold was captured, released or lapsed before."""

    status = 409

    def __init__(self) -> None:
        super().__init__("hold_ended")


class MoreThanHeld(PostingRefused):
    """A capture asks for more than was held."""

    def __init__(self) -> None:
        super().__init__("more_than_held")


class QuotaSpent(PostingRefused):
    """The manager's quota of this month has less left than the award costs."""

    def __init__(self) -> None:
        super().__init__("quota_spent")


class Consumed(PostingRefused):
    """The points were spent meanwhile, and the asset's policy leaves it to a person."""

    status = 409

    def __init__(self) -> None:
        super().__init__("consumed")


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
        "lots_lapsed": _("可用的部分已过期，剩余未过期的余额不足"),
        "account_blocked": _("账户已冻结，不能支出"),
        "account_archived": _("账户已归档，不能再记账"),
        "not_spendable": _("荣誉只用于排名，不能消费或冻结"),
        "not_transferable": _("这种积分不能转给别人"),
        "not_convertible": _("这种积分不能兑换成其他积分"),
        "no_rate": _("这一天没有兑换比例"),
        "not_approved": _("调整兑换比例须由另一人审批"),
        "short_notice": _("生效日期太近，请按规定提前公告"),
        "rate_exists": _("这一天或之后已有兑换比例"),
        "unknown_hold": _("没有这笔冻结"),
        "hold_ended": _("这笔冻结已经结束"),
        "more_than_held": _("扣款超过冻结的数额"),
        "not_due": _("冻结还没有到期"),
        "same_account": _("转出和转入不能是同一个账户"),
        "quota_spent": _("本月额度不足"),
        "own_quota": _("不能用自己的额度奖励自己"),
        "bad_pending": _("扣分不能放进公示账户"),
        "not_pending": _("这笔记账不在公示中"),
        "consumed": _("积分已被使用，按规定须由人工决定如何处理"),
        "cap_reached": _("已达到上限"),
        "cap_clipped": _("超过上限的部分没有记入"),
        "cap_queued": _("超过上限的部分等待审批"),
        "unknown_cap": _("没有这个上限"),
        "bad_policy": _("设置的内容不可用"),
        "bad_code": _("代码只能用小写字母、数字和下划线，并以字母开头"),
        "bad_name": _("名称须为 1 到 40 个字"),
        "bad_scale": _("小数位数须在 0 到 4 之间"),
        "code_taken": _("这个代码已经用过"),
        "unknown_programme": _("公司里没有这个方案"),
        "honour_is_rank": _("荣誉用于排名：不能转让、兑换，也没有下限"),
        "keeps_no_lots": _("这种积分不分批次，不能设置有效期"),
        "no_such_day": _("日历上没有这一天，请改到期的月份或日期"),
        "debt_needs_no_floor": _("设有下限的积分不能记欠账"),
        "reason_needed": _("请写明原因（不超过 400 字）"),
        "has_holds": _("账户里还有冻结的积分，请先处理"),
        "later_month_closed": _("之后的月份已经关账，请从最近一个已关账的月份开始重新打开"),
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
        case "lots_lapsed":
            return LotsLapsed()
        case "account_blocked" | "account_archived":
            return AccountBlocked(reason)
        case "not_transferable":
            return NotTransferable()
        case "not_convertible":
            return NotConvertible()
        case "no_rate":
            return NoRate()
        case "not_approved":
            return NotApproved()
        case "short_notice":
            return ShortNotice()
        case "hold_ended":
            return HoldEnded()
        case "more_than_held":
            return MoreThanHeld()
        case "quota_spent":
            return QuotaSpent()
        case "consumed":
            return Consumed()
        case other:
            return PostingRefused(other or "refused")
