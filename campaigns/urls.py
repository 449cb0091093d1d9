"""Addresses of what readers and mail programs open; they stand in mails and may never change."""

from django.urls import URLPattern, URLResolver, path

from campaigns.feedback import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("p/<str:token>", views.preferences, name="preferences"),
]
