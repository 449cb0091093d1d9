"""Addresses of the public pages of subscribers."""

from django.urls import URLPattern, URLResolver, path

from subscribers.consent import brand_files

urlpatterns: list[URLPattern | URLResolver] = [
    path("brand/<int:number>/<slug:digest>.css", brand_files.stylesheet, name="brand_stylesheet"),
    path("brand/<int:number>/<slug:digest>.<slug:kind>", brand_files.logo, name="brand_logo"),
]
