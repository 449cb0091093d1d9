import django.db.models
from django.db import migrations


class Migration(migrations.Migration):
    """What was counted in tokens is forgotten: for one window, as much again may leave."""

    dependencies = [
        ('campaigns', '0010_outgoing_mail'),
    ]

    operations = [
        migrations.RemoveField(model_name='limit', name='counted_at'),
        migrations.RemoveField(model_name='limit', name='tokens'),
        migrations.AddField(
            model_name='limit',
            name='paced_to',
            field=django.db.models.FloatField(default=0.0, help_text='When the next mail is due at an even pace.'),
        ),
        migrations.AddField(
            model_name='limit',
            name='spent',
            field=django.db.models.JSONField(default=list, help_text='Pairs of a time and how many mails left in the slice of the window that ended then.'),
        ),
        migrations.AddField(
            model_name='slot',
            name='tokens',
            field=django.db.models.JSONField(default=dict, help_text='By the key of a limit, how many mails on this wire it counts.'),
        ),
    ]
