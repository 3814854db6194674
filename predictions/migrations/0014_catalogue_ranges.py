from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0013_simulated"),
        ("training", "0011_simulated"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_period",
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "period", "radius", "planet_score"],
                name="signal_period_radius",
            ),
        ),
    ]
