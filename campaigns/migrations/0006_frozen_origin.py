from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_first_transport")]
    operations = [
        migrations.AddField(
            model_name="edition",
            name="origin",
            field=models.JSONField(default=dict, help_text="From whom and by which list: composition.origin.Origin."),
        ),
    ]
