"""The whole REST API on one page (contract.md). Who may call each stands in `permissions.ROUTES`."""

from django.urls import path

from casework import api as cases
from exchange.api import deliveries, endpoints, events, receipts, reference
from registry.filing import api as filings
from registry.register import api as public
from registry.registration import api as registrations
from registry.registration.imports import api as api_import

from . import schema

app_name = "api"

urlpatterns = [
    # the public register
    path("institutions/", public.InstitutionList.as_view(), name="institutions"),
    path("institutions/<str:uscc>/", public.InstitutionDetail.as_view(), name="institution"),
    # schema, docs, code lists
    path("", reference.Root.as_view(), name="root"),
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("docs/", schema.DocsView.as_view(), name="docs"),
    path("codes/", reference.Codes.as_view(), name="codes"),
    path("regions/", reference.Regions.as_view(), name="regions"),
    # registrations
    path("registrations/", registrations.RegistrationList.as_view(), name="registrations"),
    path("registrations/import/", api_import.ImportRegistrations.as_view(), name="registration-import"),
    path("registrations/<str:uscc>/", registrations.RegistrationDetail.as_view(), name="registration"),
    path("registrations/<str:uscc>/cancel/", registrations.CancelRegistration.as_view(), name="registration-cancel"),
    path("registrations/<str:uscc>/revoke/", registrations.RevokeRegistration.as_view(), name="registration-revoke"),
    path("registrations/<str:uscc>/rescind/", registrations.RescindRegistration.as_view(), name="registration-rescind"),
    # filings
    path("filings/", filings.FilingList.as_view(), name="filings"),
    path("filings/<str:no>/", filings.FilingDetail.as_view(), name="filing"),
    path("filings/<str:no>/sections/<str:name>/", filings.FilingSectionView.as_view(), name="filing-section"),
    path("filings/<str:no>/<str:step>/", filings.FilingStep.as_view(), name="filing-step"),
    # cases of every type
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path("cases/<str:no>/", cases.CaseDetail.as_view(), name="case"),
    path("cases/<str:no>/<slug:step>/", cases.CaseStepView.as_view(), name="case-step"),
    # exchange
    path("events/", events.EventFeed.as_view(), name="events"),
    path("endpoints/", endpoints.EndpointList.as_view(), name="endpoints"),
    path("endpoints/<uuid:pk>/", endpoints.EndpointDetail.as_view(), name="endpoint"),
    path("endpoints/<uuid:pk>/rotate/", endpoints.RotateEndpoint.as_view(), name="endpoint-rotate"),
    path("endpoints/<uuid:pk>/ping/", endpoints.PingEndpoint.as_view(), name="endpoint-ping"),
    path("deliveries/", deliveries.DeliveryList.as_view(), name="deliveries"),
    path("deliveries/<str:webhook_id>/", deliveries.DeliveryDetail.as_view(), name="delivery"),
    path("deliveries/<str:webhook_id>/redeliver/", deliveries.Redeliver.as_view(), name="delivery-redeliver"),
    path("receipts/", receipts.ReceiptList.as_view(), name="receipts"),
]
