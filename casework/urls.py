from django.urls import path

from .pages.desk import desk

urlpatterns = [path("desk/", desk, name="desk")]
