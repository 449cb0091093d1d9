"""Every address: the admin, the apps' public pages at the root, and the health check."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import health
from config.icon import favicon

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health, name="health"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/mailbox/", include("campaigns.rehearsal.urls")),
    path("admin/", admin.site.urls),
    path("", include("campaigns.urls")),
    path("", include("subscribers.urls")),
]
