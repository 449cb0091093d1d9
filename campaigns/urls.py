"""Addresses of what readers and mail programs open; they stand in mails and may never change."""

from django.urls import URLPattern, URLResolver, path

from campaigns.feedback import clicks, preferences, views
from campaigns.web import pages
from campaigns.web import views as web

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("p/<str:token>", preferences.preferences, name="preferences"),
    path("p/<str:token>/erase", preferences.erase, name="preferences_erase"),
    path("v/<str:token>", web.web_version, name="web_version"),
    path("archive/<slug:label>/", pages.archive_page, name="archive"),
    path("archive/<slug:label>/feed/<slug:language>", pages.archive_feed, name="archive_feed"),
    path("archive/<slug:label>/<int:number>/<slug:language>", web.archived_mail, name="archive_mail"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    path("robots.txt", pages.robots, name="robots"),
    path("c/<str:token>/<str:number>", clicks.follow, name="click"),
]
