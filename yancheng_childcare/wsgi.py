"""The WSGI entry point for gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")

application = get_wsgi_application()

from yancheng_childcare.keys import refuse_wrong_keys  # noqa: E402 - after the settings

# 3 is gunicorn's "worker failed to boot": the master ends too instead of starting workers for ever.
refuse_wrong_keys(code=3)
