"""The tables of org, one module a noun."""

from meritbook.org.models.access import AccessToken, AuditEntry
from meritbook.org.models.company import CalendarDay, Company, Programme
from meritbook.org.models.logins import Login, Membership, RoleGrant, SetupToken, SignInFailure
from meritbook.org.models.people import (
    Assignment,
    Department,
    Employee,
    Fact,
    Grade,
    Party,
    Post,
)

__all__ = [
    "AccessToken",
    "Assignment",
    "AuditEntry",
    "CalendarDay",
    "Company",
    "Department",
    "Employee",
    "Fact",
    "Grade",
    "Login",
    "Membership",
    "Party",
    "Post",
    "Programme",
    "RoleGrant",
    "SetupToken",
    "SignInFailure",
]
