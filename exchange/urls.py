"""Addresses of the exchange. Who may enter each stands in `permissions.py`."""

from django.conf import settings
from django.urls import path

from .pages import approval, deliveries, delivery, endpoints, guide, keys, overview, staff

app_name = "exchange"

urlpatterns = [
    path("exchange-guide/", guide.guide, name="guide"),
    path("exchange/", overview.overview, name="overview"),
    # endpoints
    path("exchange/endpoints/new/", endpoints.create, name="endpoint-create"),
    path("exchange/endpoints/<uuid:pk>/", endpoints.detail, name="endpoint"),
    path("exchange/endpoints/<uuid:pk>/edit/", endpoints.edit, name="endpoint-edit"),
    path("exchange/endpoints/<uuid:pk>/approve/", approval.approve_change, name="endpoint-approve"),
    path("exchange/endpoints/<uuid:pk>/rotate/", endpoints.rotate, name="endpoint-rotate"),
    path("exchange/endpoints/<uuid:pk>/ping/", endpoints.ping, name="endpoint-ping"),
    path("exchange/endpoints/<uuid:pk>/switch/", endpoints.switch, name="endpoint-switch"),
    path("exchange/endpoints/<uuid:pk>/close/", approval.close, name="endpoint-close"),
    # keys to the API
    path("exchange/keys/", keys.listing, name="keys"),
    path("exchange/keys/new/", keys.create, name="key-create"),
    path("exchange/keys/<int:pk>/approve/", keys.approve_key, name="key-approve"),
    path("exchange/keys/<int:pk>/rotate/", keys.rotate, name="key-rotate"),
    path("exchange/keys/<int:pk>/end/", keys.end, name="key-end"),
    # deliveries
    path("exchange/redeliver-range/", deliveries.again, name="redeliver-range"),
    path("exchange/deliveries/", deliveries.log, name="deliveries"),
    path("exchange/deliveries/export/", deliveries.export, name="deliveries-export"),
    path("exchange/deliveries/<slug:webhook_id>/", delivery.detail, name="delivery"),
    path("exchange/deliveries/<slug:webhook_id>/redeliver/", delivery.again, name="redeliver"),
    path("exchange/deliveries/<slug:webhook_id>/skip/", delivery.give_up, name="skip"),
]
if settings.ADMIN_ENABLED:
    urlpatterns += [
        path("desk/staff/hosts/", staff.hosts, name="hosts"),
        path("desk/staff/hosts/new/", staff.propose, name="host-propose"),
        path("desk/staff/hosts/<int:pk>/end/", staff.end, name="host-end"),
        path("desk/staff/keys/new/", staff.propose_key, name="key-propose"),
    ]
