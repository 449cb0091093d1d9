"""Every address: the admin, the front page and the apps' public pages, and the health check."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.front import front
from config.health import health
from config.icon import favicon

urlpatterns = [
    path("", front, name="front"),
    path("healthz", health, name="health"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/mailbox/", include("campaigns.rehearsal.urls")),
    path("admin/", admin.site.urls),
    path("", include("campaigns.urls")),
    path("", include("subscribers.urls")),
]
