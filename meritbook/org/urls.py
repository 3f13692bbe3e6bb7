"""Addresses of org."""

from django.urls import path

from meritbook.org.views import account, departments, keys, people, slips

urlpatterns = [
    path("login/", account.login, name="login"),
    path("logout/", account.log_out, name="logout"),
    path("activate/<str:token>/", account.activation, name="activation"),
    path("password/", account.password, name="password"),
    path("language/", account.language, name="set_language"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="person-new"),
    path("people/slips/", slips.slips, name="people-slips"),
    path("people/<str:employee_no>/", people.person, name="person"),
    path("people/<str:employee_no>/edit/", people.edit_person, name="person-edit"),
    path("people/<str:employee_no>/leave/", people.leave, name="person-leave"),
    path("people/<str:employee_no>/return/", people.come_back, name="person-return"),
    path("people/<str:employee_no>/roles/", people.roles, name="person-roles"),
    path("people/<str:employee_no>/activation/", slips.activation_link, name="person-activation"),
    path("departments/", departments.tree, name="departments"),
    path("departments/new/", departments.new_department, name="department-new"),
    path("departments/<int:department_id>/", departments.edit_department, name="department"),
    path(
        "departments/<int:department_id>/active/",
        departments.switch_active,
        name="department-active",
    ),
    path("settings/api-keys/", keys.api_keys, name="api-keys"),
    path("settings/api-keys/<int:key_id>/revoke/", keys.revoke, name="api-key-revoke"),
]
