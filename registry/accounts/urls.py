"""Addresses of the opening of accounts. Who may enter each stands in `permissions.py`."""

from django.urls import URLPattern, path

from .pages import code, colleagues, join, open_account, requests

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("accounts/open/", open_account.open_account, name="open"),
    path("accounts/open/done/", open_account.done, name="done"),
    path("accounts/open/track/", open_account.track, name="track"),
    path("accounts/join/<str:token>/", join.join, name="join"),
    path("desk/colleagues/", colleagues.colleagues, name="colleagues"),
    path("desk/accounts/", requests.request_list, name="requests"),
    path("desk/accounts/<str:no>/", requests.review, name="review"),
    path("desk/institutions/<uscc:uscc>/people/", colleagues.people, name="people"),
    path("desk/registrations/<uscc:uscc>/account-code/", code.account_code, name="code"),
]
