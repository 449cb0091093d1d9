from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from campaigns.composition import shipped


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    shipped.install(apps.get_model("campaigns", "Layout").objects)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_claims_by_campaign")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
