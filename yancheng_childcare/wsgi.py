"""The WSGI entry point for gunicorn."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")

application = get_wsgi_application()

from django.db import connections  # noqa: E402 - after the settings

from yancheng_childcare.keys import refuse_wrong_keys  # noqa: E402

# 3 is gunicorn's "worker failed to boot": the master ends too instead of starting workers for ever.
refuse_wrong_keys(code=3)
# With `--preload` workers are forked from here: no connection may be shared, and what is loaded stays in shared memory.
connections.close_all()
gc.freeze()
