"""Addresses of cases of every type. Who may enter each stands in `permissions.py`."""

from django.urls import include, path

from .pages import case, deputies, letters, queue
from .pages.desk import desk

cases = (
    [
        path("", queue.case_list, name="list"),
        path("deputies/", deputies.deputies, name="deputies"),
        path("new/<slug:kind>/", case.new, name="new"),
        path("<str:no>/", case.case, name="case"),
        path("<str:no>/letters/<int:pk>/", letters.letter, name="letter"),
        path("<str:no>/letters/<int:pk>/paper/", letters.paper, name="paper"),
        path("<str:no>/letters/<int:pk>/<slug:act>/", letters.act_on, name="letter-act"),
        path("<str:no>/files/<int:pk>/", case.file, name="file"),
        path("<str:no>/<slug:step>/", case.take_step, name="step"),
    ],
    "cases",
)

urlpatterns = [path("desk/", desk, name="desk"), path("desk/cases/", include(cases))]
