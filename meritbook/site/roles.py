"""Web and worker refuse to run as a database role that row-level security does not bind."""

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal

# What makes a role see past the policies: superuser, BYPASSRLS, or being (a member of) the owner
# of a tenant table, who could lift them.
_POWERS = """
SELECT current_user,
       r.rolsuper,
       r.rolbypassrls,
       EXISTS (
           SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
             AND pg_has_role(current_user, c.relowner, 'MEMBER')
       ),
       EXISTS (
           SELECT 1 FROM pg_roles o
           WHERE o.rolbypassrls AND NOT o.rolsuper AND o.oid <> r.oid
             AND pg_has_role(current_user, o.oid, 'MEMBER')
       )
FROM pg_roles r WHERE r.rolname = current_user
"""


class RoleTooStrong(Refusal):
    """The database role could see the rows of every company."""

    code = "role_too_strong"


def refuse_strong_role() -> None:
    """Raise RoleTooStrong unless the connection's role is held back by row-level security."""
    with connection.cursor() as cursor:
        cursor.execute(_POWERS)
        name, is_superuser, bypasses, owns, may_bypass = cursor.fetchone()
    reasons = [
        text
        for holds, text in (
            (is_superuser, _("它是超级用户")),
            (bypasses or may_bypass, _("它能绕过行级安全（BYPASSRLS）")),
            (owns and not is_superuser, _("它拥有数据表")),
        )
        if holds
    ]
    if reasons:
        raise RoleTooStrong(
            _(
                "拒绝启动：数据库角色 %(role)s 能看到所有公司的数据（%(why)s）。"
                "请让 MERITBOOK_DB_APP 使用 meritbook_app。"
            )
            % {"role": name, "why": "、".join(reasons)}
        )
