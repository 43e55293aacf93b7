"""Addresses of the public register, its downloads, feeds, subscriptions and reports."""

from django.urls import URLPattern, path, register_converter

from .pages import compare, feeds, guide, institution, open_data, report_contact, reports, search, subscriptions, tray

app_name = "public"


class FileFormat:
    """The formats of the open data."""

    regex = "csv|xlsx|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Token(FileFormat):
    """The secret of a subscription link, as `secrets.token_urlsafe(32)` makes it."""

    regex = "[0-9A-Za-z_-]{43}"


class AreaCode(FileFormat):
    """A region or town code."""

    regex = "[0-9A-Z]{6,12}"


register_converter(FileFormat, "format")
register_converter(Token, "token")
register_converter(AreaCode, "area")

urlpatterns: list[URLPattern] = [
    path("institutions/", search.search, name="search"),
    path("institutions/map/", search.city_map, name="map"),
    path("institutions/compare/", compare.compare, name="compare"),
    path("institutions/compare/choose/", tray.choose, name="choose"),
    path("institutions/<uscc:uscc>/", institution.institution, name="institution"),
    path("institutions/<uscc:uscc>/report/", reports.report_error, name="report-error"),
    path("how-to-read/", guide.how_to_read, name="how-to-read"),
    # open data
    path("open-data/", open_data.open_data, name="open-data"),
    path("open-data/institutions.<format:kind>", open_data.download, name="download"),
    path("open-data/dictionary.<format:kind>", open_data.dictionary, name="dictionary"),
    path("open-data/<int:year>/institutions.<format:kind>", open_data.snapshot, name="snapshot"),
    path("feeds/institutions/<uscc:uscc>.atom", feeds.institution_feed, name="institution-feed"),
    path("feeds/areas/<area:code>.atom", feeds.area_feed, name="area-feed"),
    # e-mail subscriptions
    path("subscriptions/new/", subscriptions.subscribe, name="subscribe"),
    path("subscriptions/<token:token>/confirm/", subscriptions.confirm, name="subscription-confirm"),
    path("subscriptions/<token:token>/leave/", subscriptions.leave, name="subscription-leave"),
    # reports
    path("reports/unfiled/", reports.report_unfiled, name="report-unfiled"),
    path("reports/done/", reports.done, name="report-done"),
    path("reports/track/", reports.track, name="report-track"),
    path("desk/reports/<str:no>/contact/", report_contact.contact, name="report-contact"),
]
