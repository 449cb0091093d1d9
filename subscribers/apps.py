from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    name = "subscribers"
    verbose_name = _("Audience")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # It registers what rules may ask about people.
        import_module("subscribers.segments.facts")
        # And what is held about them.
        import_module("subscribers.privacy.own")
