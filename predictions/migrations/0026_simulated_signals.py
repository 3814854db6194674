from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0025_other_list_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="signal",
            name="is_simulated",
            field=models.BooleanField(db_default=False, default=False, help_text="Made up."),
        ),
    ]
