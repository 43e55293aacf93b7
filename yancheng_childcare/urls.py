"""Every address of the portal. Who may enter each stands in `permissions.ROUTES`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from registry.register.pages.home import home

from .pages import access_link, account, desk, health, public

handler400 = "yancheng_childcare.pages.errors.bad_request"
handler403 = "yancheng_childcare.pages.errors.permission_denied"
handler404 = "yancheng_childcare.pages.errors.not_found"
handler500 = "yancheng_childcare.pages.errors.server_error"

urlpatterns = [
    # first, because it is asked most and every address before it would be tried
    path("api/v1/", include("yancheng_childcare.api")),
    path("", home, name="home"),
    path("about/", public.about, name="about"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("error-codes/", public.error_codes, name="error_codes"),
    path("styleguide/", public.styleguide, name="styleguide"),
    path("view-mode/", public.view_mode, name="view_mode"),
    path("accounts/confirm-email/<str:key>/", account.ConfirmEmail.as_view(), name="account_confirm_email"),
    path("accounts/link/<str:token>/", access_link.access_link, name="access_link"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("desk/messages/", desk.messages, name="messages"),
    path("desk/messages/read/", desk.messages_read, name="messages-read"),
    path("desk/messages/<int:pk>/", desk.message, name="message"),
    path("files/<uuid:pk>/", desk.file, name="file"),
    path("", include("casework.urls")),
    path("", include("registry.urls")),
    path("", include("registry.accounts.urls")),
    path("", include("registry.register.urls")),
    path("", include("registry.filing.urls")),
    path("", include("registry.people.urls")),
    path("", include("inspections.urls")),
    path("", include("exchange.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
if settings.ADMIN_ENABLED:
    # Without the redirect "view on site": it follows any content type, also those without a table or a page.
    pages = [page for page in admin.site.get_urls() if getattr(page, "name", "") != "view_on_site"]
    urlpatterns += [
        path("admin/", (pages, "admin", admin.site.name)),
        path("desk/staff/import/", include("registry.accounts.staff_table.urls")),
        path("desk/staff/", include("yancheng_childcare.pages.staff.urls")),
    ]
