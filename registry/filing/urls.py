"""Addresses of filing. Who may enter each stands in `permissions.py`."""

from django.urls import URLPattern, path, register_converter

from .pages import (
    board,
    cases,
    classes,
    contact,
    corrections,
    decisions,
    letters,
    materials,
    pledge,
    public,
    queue,
    review,
    sections,
    site_checks,
    steps,
    submit,
)


class FilingNumber:
    """YC-TB-{year}-{six digits}."""

    regex = r"YC-TB-[0-9]{4}-[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(FilingNumber, "filing")

app_name = "filing"

urlpatterns: list[URLPattern] = [
    # the institution
    path("desk/filings/", cases.case_list, name="cases"),
    path("desk/filings/start/", cases.start, name="start"),
    path("desk/filings/<filing:no>/", cases.case, name="case"),
    path("desk/filings/<filing:no>/precheck/", submit.precheck, name="precheck"),
    path("desk/filings/<filing:no>/sections/<slug:name>/", sections.section, name="section"),
    path("desk/filings/<filing:no>/classes/<int:number>/", classes.edit_class, name="class"),
    path("desk/filings/<filing:no>/materials/", materials.material_list, name="materials"),
    path("desk/filings/<filing:no>/materials/<slug:code>/", materials.material, name="material"),
    path(
        "desk/filings/<filing:no>/materials/<slug:code>/<int:page>/remove/",
        materials.remove,
        name="material-remove",
    ),
    path("desk/filings/<filing:no>/pledge/", pledge.pledge, name="pledge"),
    path("desk/filings/<filing:no>/check/", submit.check, name="check"),
    path("desk/filings/<filing:no>/done/", submit.done, name="done"),
    path("desk/filings/<filing:no>/corrections/", corrections.corrections, name="corrections"),
    path("desk/filings/<filing:no>/letters/<int:pk>/", letters.letter, name="letter"),
    path("desk/filings/<filing:no>/receipt/", letters.receipt, name="receipt"),
    path("desk/filings/<filing:no>/steps/<slug:name>/", steps.step, name="step"),
    # the reviewing authority
    path("desk/review/", queue.queue, name="queue"),
    path("desk/review/next/", queue.take_next, name="take-next"),
    path("desk/review/assign/", queue.assign, name="assign"),
    path("desk/review/areas/", queue.areas, name="areas"),
    path("desk/review/<filing:no>/", review.review, name="review"),
    path("desk/review/<filing:no>/items/<slug:item>/", review.verdict, name="verdict"),
    path("desk/review/<filing:no>/contact/", contact.contact, name="contact"),
    path("desk/review/<filing:no>/notice/", decisions.notice, name="notice"),
    path("desk/review/<filing:no>/receipt/", decisions.issue, name="issue"),
    path("desk/review/<filing:no>/waivers/", decisions.waive, name="waive"),
    path("desk/review/<filing:no>/steps/<slug:name>/", decisions.decide, name="decide"),
    path("desk/site-checks/", site_checks.site_checks, name="site-checks"),
    path("desk/site-checks/<int:pk>/", site_checks.site_check, name="site-check"),
    path("desk/reconciliation/", board.board, name="board"),
    # everybody
    path("filing-guide/", public.guide, name="guide"),
    path("nonconforming/", public.nonconforming, name="nonconforming"),
    path("verify/", public.verify_ask, name="verify-ask"),
    path("verify/<slug:receipt_no>/", public.verify, name="verify"),
]
