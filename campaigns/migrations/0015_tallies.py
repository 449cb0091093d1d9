from django.db import migrations, models

COUNTING = "campaigns.tasks.count_ahead"


def count_each_minute(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        func=COUNTING, defaults={"name": "counting", "schedule_type": "I", "minutes": 1, "repeats": -1}
    )


def count_no_more(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=COUNTING).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0014_segments'),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='`people`, `campaign:3`.', max_length=40, unique=True)),
                ('numbers', models.JSONField(default=dict)),
                ('took', models.DurationField()),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'tally',
                'verbose_name_plural': 'tallies',
            },
        ),
        migrations.RunPython(count_each_minute, count_no_more),
    ]
