"""Addresses of the public pages of subscribers."""

from django.urls import URLPattern, URLResolver, path

from subscribers.consent import brand_files, confirm_views, sign_up_endpoint, sign_up_views
from subscribers.preferences import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("s/<slug:slug>", sign_up_views.page, name="sign_up"),
    path("s/<slug:slug>.json", sign_up_endpoint.endpoint, name="sign_up_json"),
    path("confirm/<str:token>", confirm_views.page, name="confirm"),
    path("preferences", views.typed, name="preferences_by_address"),
    path("me/<str:token>", views.me, name="me"),
    path("me/<str:token>/erase", views.erase_me, name="me_erase"),
    path("brand/<int:number>/<slug:digest>.css", brand_files.stylesheet, name="brand_stylesheet"),
    path("brand/<int:number>/<slug:digest>.<slug:kind>", brand_files.logo, name="brand_logo"),
]
