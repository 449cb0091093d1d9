"""The fallback: with the stock command of django-q2, or while the ticking process is away, mail goes on."""

from django.db import migrations

TICK = "campaigns.tasks.tick"


def add(apps, schema_editor):
    schedule = apps.get_model("django_q", "Schedule")
    schedule.objects.get_or_create(
        func=TICK, defaults={"name": "tick", "schedule_type": "I", "minutes": 1, "repeats": -1}
    )


def remove(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=TICK).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_shipped_layouts"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(add, remove)]
