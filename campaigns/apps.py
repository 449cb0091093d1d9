from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from campaigns import checks as checks  # Registers itself.


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Mail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register what mail knows about people, and what rules may ask of it.
        import_module("campaigns.engagement")
        import_module("campaigns.feedback.holdings")
        import_module("campaigns.feedback.retention")
        import_module("campaigns.recipients")
        # And it welcomes whoever joins a list.
        import_module("campaigns.delivery.welcome")
