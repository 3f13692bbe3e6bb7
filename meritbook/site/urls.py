"""All addresses."""

from django.urls import URLPattern, URLResolver, include, path

from meritbook.site.views.approval_people import (
    committee_close,
    committees,
    delegate_revoke,
    delegates,
)
from meritbook.site.views.approvals import (
    approval,
    approval_decide,
    approval_hand_on,
    approval_withdraw,
    approvals,
    approvals_decide,
)
from meritbook.site.views.backups import backup_file, backups
from meritbook.site.views.evidence import employee_evidence_file, scheme_evidence_file
from meritbook.site.views.handbook import handbook, handbook_file
from meritbook.site.views.home import home
from meritbook.site.views.me import companies, me
from meritbook.site.views.search import search
from meritbook.site.views.setup import setup
from meritbook.site.views.statement_files import my_statement, statement_of
from meritbook.site.views.wallet import my_wallet, wallet_of
from meritbook.site.views.why import why

handler400 = "meritbook.kit.views.bad_request"
handler403 = "meritbook.kit.views.forbidden"
handler404 = "meritbook.kit.views.not_found"
handler500 = "meritbook.kit.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("wallet/", my_wallet, name="wallet"),
    path("people/<str:employee_no>/wallet/", wallet_of, name="wallet_of"),
    path("entries/<int:tx_id>/why/", why, name="why"),
    path("approvals/", approvals, name="approvals"),
    path("approvals/decide/", approvals_decide, name="approvals-decide"),
    path("approvals/delegates/", delegates, name="delegates"),
    path(
        "approvals/delegates/<int:delegation_id>/revoke/", delegate_revoke, name="delegate-revoke"
    ),
    path("approvals/committees/", committees, name="committees"),
    path("approvals/committees/<int:committee_id>/close/", committee_close, name="committee-close"),
    path("approvals/<int:case_id>/hand-on/", approval_hand_on, name="approval-hand-on"),
    path("approvals/<int:case_id>/", approval, name="approval"),
    path("approvals/<int:case_id>/decide/", approval_decide, name="approval-decide"),
    path("approvals/<int:case_id>/withdraw/", approval_withdraw, name="approval-withdraw"),
    path("wallet/statement.<str:form>", my_statement, name="statement-file"),
    path(
        "people/<str:employee_no>/wallet/statement.<str:form>",
        statement_of,
        name="statement-file-of",
    ),
    path("", include("meritbook.site.ledger_urls")),
    path("", include("meritbook.site.account_urls")),
    path("settings/backups/", backups, name="backups"),
    path("settings/backups/<str:name>", backup_file, name="backup-file"),
    path("setup/<str:token>/", setup, name="setup"),
    path("search/", search, name="search"),
    path("schemes/<str:code>/evidence.pdf", scheme_evidence_file, name="scheme-evidence"),
    path(
        "people/<str:employee_no>/evidence.pdf",
        employee_evidence_file,
        name="employee-evidence",
    ),
    path("handbook/", handbook, name="handbook"),
    path("handbook.pdf", handbook_file, name="handbook-file"),
    path("me/", me, name="me"),
    path("companies/", companies, name="companies"),
    path("", include("meritbook.insight.urls")),
    path("", include("meritbook.standings.urls")),
    path("", include("meritbook.rules.urls")),
    path("", include("meritbook.awards.urls")),
    path("", include("meritbook.files.urls")),
    path("", include("meritbook.org.urls")),
    path("", include("meritbook.kit.urls")),
    path("", include("meritbook.site.api")),
]
