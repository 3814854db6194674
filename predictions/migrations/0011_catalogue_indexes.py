from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0010_catalogue")]

    operations = [
        migrations.AddConstraint(
            model_name="cataloguetable",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("mission",),
                name="one_catalogue_table_in_charge",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(
                fields=("signal", "version"), name="one_score_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="dispositionchange",
            index=models.Index(fields=["table", "kind"], name="change_table_kind"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "disposition", "planet_score"], name="signal_score"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "disposition", "open_score"], name="signal_open"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "name"], name="signal_name"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "period"], name="signal_period"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "radius"], name="signal_radius"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "magnitude"], name="signal_magnitude"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "planet_score"], name="signal_any_score"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                fields=("mission", "name"), name="one_signal_of_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="name",
            constraint=models.UniqueConstraint(
                fields=("key", "signal"), name="one_name_of_a_signal"
            ),
        ),
        migrations.AddConstraint(
            model_name="name",
            constraint=models.UniqueConstraint(fields=("key", "star"), name="one_name_of_a_star"),
        ),
    ]
