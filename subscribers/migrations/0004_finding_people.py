import re

import django.db.models.deletion
import django.utils.timezone
from django.db import DatabaseError, migrations, models, transaction

PLAIN_NAME = re.compile(r"[^\W\d]\w{0,59}")
SELECT_FACTS = {
    "postgresql": (
        "SELECT DISTINCT each.key, jsonb_typeof(each.value) FROM subscribers_subscriber, "
        "jsonb_each(CASE jsonb_typeof(attributes) WHEN 'object' THEN attributes END) AS each"
    ),
    "sqlite": "SELECT DISTINCT each.key, each.type FROM subscribers_subscriber, json_each(attributes) AS each",
}
FOLLOW = "subscribers.tasks.follow_changes"
KINDS = {"number": "number", "integer": "number", "real": "number", "boolean": "boolean", "true": "boolean", "false": "boolean"}


def keep_no_text_without_its_person(apps, schema_editor):
    """And find parts of words quickly, if the database has what that takes."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    schema_editor.execute(
        "ALTER TABLE subscribers_searchtext ADD CONSTRAINT search_text_of_somebody "
        "FOREIGN KEY (subscriber_id) REFERENCES subscribers_subscriber (id) ON DELETE CASCADE"
    )
    try:
        with transaction.atomic(using=connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute("CREATE INDEX search_text_parts ON subscribers_searchtext USING gin (text gin_trgm_ops)")
    except DatabaseError:
        # Not installed, or not ours to install: the search then reads all texts.
        return


def register_attributes(apps, schema_editor):
    """Until now any name could stand with people: the ones that do become known, by the kind that all values have."""
    found = {}
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SELECT_FACTS[schema_editor.connection.vendor])
        for name, kind in cursor.fetchall():
            if PLAIN_NAME.fullmatch(name) and kind != "null":
                found.setdefault(name, set()).add(KINDS.get(kind, "text"))
    apps.get_model("subscribers", "Attribute").objects.bulk_create(
        [
            apps.get_model("subscribers", "Attribute")(name=name, kind=kinds.pop() if len(kinds) == 1 else "text")
            for name, kinds in sorted(found.items())
        ],
        ignore_conflicts=True,
    )


def follow_changes_each_minute(apps, schema_editor):
    schedule = apps.get_model("django_q", "Schedule")
    schedule.objects.get_or_create(
        func=FOLLOW, defaults={"name": "search", "schedule_type": "I", "minutes": 1, "repeats": -1}
    )


def follow_no_more(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=FOLLOW).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0003_audience'),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.BigIntegerField(help_text='The lowest number among these people.')),
                ('last', models.BigIntegerField()),
                ('people', models.JSONField(help_text='The numbers of those who were changed.')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='subscribers.bulkchange')),
            ],
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('subscriber', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_text', serialize=False, to='subscribers.subscriber')),
                ('text', models.TextField()),
                ('updated_at', models.DateTimeField(db_index=True, help_text="As the person's when it was written.")),
            ],
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(fields=['updated_at', 'id'], name='subscriber_updated'),
        ),
        migrations.AddIndex(
            model_name='bulkstep',
            index=models.Index(fields=['first', 'last'], name='bulk_step_range'),
        ),
        migrations.RunPython(keep_no_text_without_its_person, migrations.RunPython.noop),
        migrations.RunPython(register_attributes, migrations.RunPython.noop),
        migrations.RunPython(follow_changes_each_minute, follow_no_more),
    ]
