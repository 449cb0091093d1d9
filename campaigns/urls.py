"""Addresses of what readers and mail programs open; they stand in mails and may never change."""

from django.urls import URLPattern, URLResolver, path

from campaigns.feedback import clicks, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("p/<str:token>", views.preferences, name="preferences"),
    path("c/<str:token>/<str:number>", clicks.follow, name="click"),
]
