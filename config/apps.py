"""The composition root as an app, so that the admin finds config.admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SystemConfig(AppConfig):
    name = "config"
    label = "system"
    verbose_name = _("System")
