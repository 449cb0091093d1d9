from django.db import migrations, models


def count_what_is_planned(apps, schema_editor):
    """Stretches that are done are no longer there; one stands for all of them, so that the sum is right."""
    Campaign, Delivery, Stretch = (apps.get_model('campaigns', name) for name in ('Campaign', 'Delivery', 'Stretch'))
    for campaign in Campaign.objects.filter(status__in=['sending', 'paused'], planned_at=None):
        mails = Delivery.objects.filter(campaign=campaign).count()
        if mails:
            Stretch.objects.create(campaign=campaign, first=0, last=0, mails=mails)


def forget_what_is_planned(apps, schema_editor):
    """Whoever does not see that they are planned would plan them again."""
    apps.get_model('campaigns', 'Stretch').objects.exclude(mails=None).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0019_lean_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='stretch',
            name='mails',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.RunPython(count_what_is_planned, forget_what_is_planned),
    ]
