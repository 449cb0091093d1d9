"""The Mailbox page, beside the admin's own pages."""

from django.contrib import admin
from django.urls import path

from campaigns.rehearsal import views

app_name = "mailbox"
urlpatterns = [
    path("", admin.site.admin_view(views.inbox), name="inbox"),
    path("<int:number>", admin.site.admin_view(views.inbox), name="mail"),
    path("<int:number>/html", admin.site.admin_view(views.html), name="html"),
    path("<int:number>.eml", admin.site.admin_view(views.download), name="download"),
]
