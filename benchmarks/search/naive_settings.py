"""The baseline's settings: Django's and DRF's own defaults over the same database."""

from yancheng_childcare.settings import *  # noqa: F403
from yancheng_childcare.settings import DATABASES, INSTALLED_APPS

ROOT_URLCONF = "benchmarks.search.naive"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# allauth and structlog insist on middleware of their own; the baseline has neither.
INSTALLED_APPS = [
    "benchmarks.search.naive_apps.Accounts" if app == "allauth.account" else app
    for app in INSTALLED_APPS
    if not app.startswith(("django_structlog", "django_prometheus"))
]
DATABASES["default"].update(CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=False)
REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
}
WSGI_APPLICATION = "benchmarks.search.naive.application"
