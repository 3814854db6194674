import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill_star_names(apps, schema_editor):
    Signal, Star = (apps.get_model("predictions", name) for name in ("Signal", "Star"))
    name = Star.objects.filter(pk=OuterRef("star")).order_by().values("name")
    Signal.objects.order_by().update(star_name=Subquery(name))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0022_curve_folders")]

    operations = [
        migrations.AddField(
            model_name="cataloguetable",
            name="twins_made",
            field=models.CharField(
                db_default="",
                default="",
                help_text="With which tables twins were made.",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="star_name",
            field=models.CharField(db_default="", default="", max_length=80),
        ),
        migrations.CreateModel(
            name="Twin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ratio", models.FloatField(help_text="The other's period over the first one's.")),
                (
                    "is_conflict",
                    models.BooleanField(help_text="The archive says different things of the two."),
                ),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.signal",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.signal",
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_score",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_open",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_name",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_any_score",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_period_radius",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_tsm",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_esm",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_map",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_filters",
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "name", "id"], name="signal_by_name"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "star_name", "id"], name="signal_by_star_name"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "disposition", "id"], name="signal_by_disposition"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "planet_score", "id"], name="signal_by_planet_score"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "open_score", "id"], name="signal_by_open_score"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "score_tsm", "id"], name="signal_by_score_tsm"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "score_esm", "id"], name="signal_by_score_esm"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "tsm", "id"], name="signal_by_tsm"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "esm", "id"], name="signal_by_esm"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "magnitude", "id"], name="signal_by_magnitude"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "period", "id"], name="signal_by_period"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["is_listed", "radius", "id"], name="signal_by_radius"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=["is_listed", "temperature", "id"], name="signal_by_temperature"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                fields=[
                    "is_listed",
                    "disposition",
                    "map_cell",
                    "mission",
                    "warnings",
                    "lost_from",
                    "basis",
                    "planet_score",
                    "open_score",
                    "score_tsm",
                    "score_esm",
                    "tsm",
                    "esm",
                    "magnitude",
                    "period",
                    "radius",
                    "temperature",
                    "name",
                    "star_name",
                    "id",
                ],
                name="signal_lists",
            ),
        ),
        migrations.RunPython(fill_star_names, migrations.RunPython.noop),
    ]
