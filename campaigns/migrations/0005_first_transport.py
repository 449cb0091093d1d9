"""The first configured mailer is in use from the start; staff add others."""

from django.conf import settings
from django.db import migrations


def add(apps, schema_editor):
    transports = apps.get_model("campaigns", "Transport").objects
    if not transports.exists():
        alias = "main" if "main" in settings.MAILERS else next(iter(settings.MAILERS))
        transports.create(alias=alias, name=alias.capitalize())


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_tick_every_minute")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
