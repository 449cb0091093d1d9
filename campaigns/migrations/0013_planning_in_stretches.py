import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0012_incidents'),
        ('subscribers', '0003_audience'),
    ]

    operations = [
        migrations.CreateModel(
            name='Stretch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'stretch',
                'verbose_name_plural': 'stretches',
            },
        ),
        migrations.RemoveIndex(
            model_name='attempt',
            name='attempt_recent',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_by_outcome',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'queued'), _negated=True), fields=['campaign', 'status'], name='delivery_ended'),
        ),
        migrations.AddField(
            model_name='stretch',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stretches', to='campaigns.campaign'),
        ),
    ]
