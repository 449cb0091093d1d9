from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from campaigns import checks as checks  # Registers itself.


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Mail")
    default_auto_field = "django.db.models.BigAutoField"
