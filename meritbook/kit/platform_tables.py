"""Tables that belong to no company, each with its reason. Every other table is a tenant's.

The test of the catalogue reads this list: a table that is neither here nor guarded is red.
"""

_DJANGO = "Django's bookkeeping: no row speaks of a company's people or points"
_JOBS = (
    "the job queue is one for all companies; arguments are ids, and jobs open the company's scope"
)
_ACCOUNTS = "allauth's tables for e-mail log-ins, which this product does not fill"

PLATFORM_TABLES = {
    "account_emailaddress": _ACCOUNTS,
    "account_emailconfirmation": _ACCOUNTS,
    "auth_group": _DJANGO,
    "auth_group_permissions": _DJANGO,
    "auth_permission": _DJANGO,
    "django_content_type": _DJANGO,
    "django_migrations": _DJANGO,
    "django_session": "read before anybody is known; holds log-in and company as ids",
    "org_login": "a log-in is platform-wide; memberships, which are guarded, link it to companies",
    "org_setuptoken": "exists before the first company; holds a hash and two times",
    "org_signinfailure": "counted before anybody is known; holds a hash, a number and a time",
    "procrastinate_events": _JOBS,
    "procrastinate_jobs": _JOBS,
    "procrastinate_periodic_defers": _JOBS,
    "procrastinate_workers": _JOBS,
}

LOOKUPS = {
    "org_company_id": "company by code, for commands and sign-in",
    "org_has_company": "whether the set-up page may open",
    "org_only_company_code": "sign-in without a code where there is one company",
    "org_memberships_of": "the companies of a log-in",
    "org_membership_count": "whether a log-in belongs to one company alone",
    "org_login_of": "log-in by company code and 工号",
    "org_resolve_token": "company by token hash",
    "org_companies_due": "for which companies a timed job runs",
}
"""Functions that may look across companies (owned by ops, which bypasses row-level security)."""
