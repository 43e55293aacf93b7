"""Addresses of the administration of staff, for administrators only (`permissions.ROUTES`)."""

from django.urls import URLPattern, path

from . import acts, approvals, calendar, duties, people

app_name = "staff"

urlpatterns: list[URLPattern] = [
    path("", people.people, name="people"),
    path("new/", people.new, name="new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/grant/", duties.grant_duty, name="grant"),
    path("people/<int:pk>/acts/<slug:act>/", acts.act, name="act"),
    path("duties/<int:pk>/end/", duties.end_duty, name="duty-end"),
    path("identities/<int:pk>/end/", acts.identity_end, name="identity-end"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/together/", approvals.approve_many, name="approve-many"),
    path("approvals/<slug:what>/<int:pk>/", approvals.approval, name="approval"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/new/", calendar.new_day, name="day-new"),
    path("calendar/<int:pk>/", calendar.day, name="day"),
    path("calendar/<int:pk>/delete/", calendar.day_delete, name="day-delete"),
]
