import django.db.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0011_exact_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='failed_known',
            field=django.db.models.PositiveIntegerField(default=0, editable=False, help_text='Failures that do not pause it again: staff knew of them and resumed.'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='sent_known',
            field=django.db.models.PositiveIntegerField(default=0, editable=False, help_text='Mails sent by then.'),
        ),
        migrations.AddField(
            model_name='incident',
            name='name',
            field=django.db.models.CharField(blank=True, max_length=200, verbose_name='what'),
        ),
        migrations.AddField(
            model_name='transport',
            name='strikes',
            field=django.db.models.PositiveSmallIntegerField(default=0, editable=False, help_text='Rests in a row without an accepted mail between them.'),
        ),
    ]
