"""What can go wrong with a backup, one class a trouble."""

from __future__ import annotations

import errno

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal


class BackupRefused(Refusal):
    """The backup was not made; nothing is left of it."""

    code = "backup_refused"


class RestoreRefused(Refusal):
    """Nothing was restored; the installation is as it was."""

    code = "restore_refused"


class NoOperator(Refusal):
    """There is no address of the database role that sees all companies."""

    code = "no_operator"

    def __init__(self) -> None:
        super().__init__(
            _(
                "没有可以看到全部公司的数据库账户（MERITBOOK_DB_OPS）。请用 run.py 运行，或在环境变量里给出它的地址。"
            )
        )


class NoPrograms(Refusal):
    """PostgreSQL's own programs are missing, or older than the server."""

    code = "no_programs"


class Damaged(RestoreRefused):
    """The file is no backup, or not the one that was made."""

    code = "damaged_backup"

    def __init__(self, what: str) -> None:
        super().__init__(_("备份文件已损坏或被改动：%(what)s") % {"what": what})


def of_the_disk(error: OSError, *, place: object) -> str:
    """One sentence for what the disk answered."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return _("磁盘空间不足：%(place)s") % {"place": place}
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return _("没有写入权限：%(place)s") % {"place": place}
        case errno.ENOENT | errno.ENOTDIR:
            return _("没有这个目录：%(place)s") % {"place": place}
        case _other:
            return _("无法读写 %(place)s：%(error)s") % {"place": place, "error": error.strerror}
