from django.db import migrations, models
from django.db.models import F, Q


def due_when_scheduled(apps, schema_editor):
    apps.get_model("campaigns", "Campaign").objects.filter(status="scheduled").update(due_at=F("scheduled_at"))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_deliveries_in_batches")]

    operations = [
        migrations.RemoveConstraint(model_name="campaign", name="campaign_scheduled_has_time"),
        migrations.AddField(
            model_name="campaign",
            name="due_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a worker looks whether the scheduled campaign starts.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="canary_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Whose mail is due later is not of the canary.", null=True
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="canary_to",
            field=models.BigIntegerField(
                blank=True,
                editable=False,
                help_text="Of those whose mail is due then, the last of the canary.",
                null=True,
            ),
        ),
        migrations.RunPython(due_when_scheduled, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False, due_at__isnull=False),
                name="campaign_scheduled_has_time",
            ),
        ),
    ]
