"""What an approval refuses, in words."""

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal

COMMENT_MAX = 400


class CaseKeyReused(Refusal):
    """The key belongs to a case that asks for something else."""

    code = "case_key_reused"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这个键已用于另一件内容不同的审批"))


class NobodyAsked(Refusal):
    """A case needs somebody who may decide it."""

    code = "nobody_asked"

    def __init__(self) -> None:
        super().__init__(_("请指定审批人"))


class AlreadyClosed(Refusal):
    """Somebody decided or withdrew the case before."""

    code = "case_closed"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这件审批已经有结果了"))


class OwnCase(Refusal):
    """Who opened a case or gains by it does not decide it."""

    code = "own_case"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("发起人和受益人不能审批自己的事项，请由其他人审批"))


class NotAsked(Refusal):
    """The case waits for others."""

    code = "not_asked"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("这件审批没有请你处理"))


class AlreadyDecided(Refusal):
    """One person decides a step once."""

    code = "already_decided"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("你已经审批过这一步"))


class ReasonMissing(Refusal):
    """A refusal says why."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("拒绝时请写明理由"))


class CommentTooLong(Refusal):
    """The comment does not fit."""

    code = "comment_too_long"

    def __init__(self) -> None:
        super().__init__(_("意见不能超过 %(n)s 个字") % {"n": COMMENT_MAX})


class NotYours(Refusal):
    """Only who opened a case withdraws it."""

    code = "not_yours"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("只有发起人可以撤回这件审批"))
