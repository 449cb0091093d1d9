"""Addresses of what readers and mail programs open; they stand in mails and may never change."""

from django.urls import URLPattern, URLResolver, path

from campaigns.feedback import clicks, preferences, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("p/<str:token>", preferences.preferences, name="preferences"),
    path("p/<str:token>/erase", preferences.erase, name="preferences_erase"),
    path("c/<str:token>/<str:number>", clicks.follow, name="click"),
]
