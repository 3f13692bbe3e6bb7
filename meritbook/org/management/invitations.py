"""What an invitation says to people at a terminal."""

from collections.abc import Mapping

from meritbook.kit.words import say


def invitation_text(value: Mapping[str, str], *, company_code: str) -> str:
    """The answer of ``Invitation.as_json`` in sentences."""
    account = value["phone"] or say(
        "公司代码 %(code)s 加工号 %(no)s", code=company_code, no=value["employee_no"]
    )
    return "\n".join(
        [
            say(
                "%(name)s 现在是负责人，登录账号：%(account)s", name=value["name"], account=account
            ),
            say(
                "请本人打开这个地址设置密码，只能用一次，%(day)s 前有效：",
                day=value["expires_at"][:10],
            ),
            value["path"],
        ]
    )
