"""The portal's settings plus the naive sender; only for `python -m tests.chaos --naive`."""

from yancheng_childcare.settings import *  # noqa: F403
from yancheng_childcare.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.naive.NaiveConfig"]
