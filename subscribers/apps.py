from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    name = "subscribers"
    verbose_name = _("Audience")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register what rules may ask about people, and that people may be chosen by segment.
        import_module("subscribers.segments.facts")
        import_module("subscribers.segments.saved")
        # And what is held about them.
        import_module("subscribers.privacy.own")
