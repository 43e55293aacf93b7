"""The baseline's settings: Django's and DRF's own defaults over the same database, with connections that are kept."""

from benchmarks.search.naive_settings import *  # noqa: F403
from benchmarks.search.naive_settings import DATABASES, MIDDLEWARE

ROOT_URLCONF = "benchmarks.web.bare"
WSGI_APPLICATION = "benchmarks.web.bare.application"
# Kept as ours are; the history's context is one of the rows that both write.
DATABASES["default"].update(CONN_MAX_AGE=600)
MIDDLEWARE = [*MIDDLEWARE, "pghistory.middleware.HistoryMiddleware"]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
