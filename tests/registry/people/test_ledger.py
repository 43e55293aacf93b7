"""The people of an institution: list, new, one person, leaving, the full number."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest_people import typed
from django.core import mail

from registry.filing.drafts import save_section, start_filing
from registry.models import Person, PersonBan, Post
from registry.people.services import NEUTRAL, add_credential, add_training
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event, Notification

LIST, NEW = "/desk/people/", "/desk/people/new/"
