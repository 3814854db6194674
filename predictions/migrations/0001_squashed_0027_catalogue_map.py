"""All tables of this app at once, as ``training`` has them."""

import secrets
import uuid
from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

JANITOR = import_module("predictions.migrations.0003_batch_janitor")


class Migration(migrations.Migration):
    replaces = [
        ("predictions", "0001_initial"),
        ("predictions", "0002_batches"),
        ("predictions", "0003_batch_janitor"),
        ("predictions", "0004_prediction_indexes"),
        ("predictions", "0005_batch_turns"),
        ("predictions", "0006_page_indexes"),
        ("predictions", "0007_chunk_doubts"),
        ("predictions", "0008_draft_heads"),
        ("predictions", "0009_row_marks"),
        ("predictions", "0010_catalogue"),
        ("predictions", "0011_catalogue_indexes"),
        ("predictions", "0012_labels_and_views"),
        ("predictions", "0013_simulated"),
        ("predictions", "0014_catalogue_ranges"),
        ("predictions", "0015_catalogue_fills"),
        ("predictions", "0016_reviewing"),
        ("predictions", "0017_curve_searches"),
        ("predictions", "0018_catalogue_values"),
        ("predictions", "0019_watching"),
        ("predictions", "0020_catalogue_filters"),
        ("predictions", "0021_foresight"),
        ("predictions", "0022_curve_folders"),
        ("predictions", "0023_catalogue_twins"),
        ("predictions", "0024_other_lists"),
        ("predictions", "0025_other_list_words"),
        ("predictions", "0026_simulated_signals"),
        ("predictions", "0027_catalogue_map"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("training", "0015_second_factors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What the file was called; only ever shown, never opened.",
                        max_length=200,
                    ),
                ),
                (
                    "shared",
                    models.BooleanField(
                        default=False, verbose_name="shared with everyone signed in"
                    ),
                ),
                (
                    "is_simulated",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Its signals were made up.",
                        verbose_name="simulated",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "not started"),
                            ("queued", "waiting for a worker"),
                            ("preparing", "being read"),
                            ("running", "being classified"),
                            ("finishing", "being summed up"),
                            ("succeeded", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it failed, in a sentence.")),
                (
                    "file",
                    models.CharField(
                        help_text="The table as it came, in the storage.", max_length=200
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                (
                    "mission",
                    models.CharField(
                        blank=True,
                        help_text="Chosen by the person; empty: as recognised.",
                        max_length=10,
                    ),
                ),
                (
                    "mapping",
                    models.JSONField(
                        blank=True,
                        help_text="Which column feeds which feature, if not recognised.",
                        null=True,
                    ),
                ),
                (
                    "head",
                    models.BinaryField(
                        help_text="The first rows of a draft's table, packed by ``TableHead``.",
                        null=True,
                    ),
                ),
                (
                    "top_contributions",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How many per row go with the answers."
                    ),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("heartbeat_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "served_at",
                    models.DateTimeField(
                        blank=True, help_text="When a worker last began a turn at it.", null=True
                    ),
                ),
                (
                    "claim",
                    models.UUIDField(
                        blank=True,
                        help_text="Of the worker that prepares or finishes it.",
                        null=True,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("layout", models.CharField(blank=True, max_length=20)),
                ("rows", models.PositiveIntegerField(blank=True, null=True)),
                ("problems", models.JSONField(blank=True, default=list)),
                (
                    "counts_file",
                    models.CharField(
                        blank=True, help_text="What its first reading counted.", max_length=200
                    ),
                ),
                (
                    "index_file",
                    models.CharField(
                        blank=True,
                        help_text="The key columns of all rows, in the storage.",
                        max_length=200,
                    ),
                ),
                ("summary", models.JSONField(blank=True, default=dict)),
                (
                    "model_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="training.modelversion",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ("-created_at",),
                "indexes": [models.Index(fields=["created_at"], name="batch_created")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("owner", "idempotency_key"),
                        name="one_batch_per_idempotency_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CatalogueFill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "waiting for a worker"),
                            ("WORKING", "under way"),
                            ("DONE", "done"),
                            ("FAILED", "not finished"),
                            ("CANCELLED", "cancelled"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                (
                    "is_open",
                    models.BooleanField(default=True, help_text="It waits or is under way."),
                ),
                (
                    "stage",
                    models.CharField(blank=True, default="Waiting for a worker.", max_length=300),
                ),
                ("done", models.IntegerField(default=0, help_text="Rows or signals of the stage.")),
                (
                    "expected",
                    models.IntegerField(help_text="Of the same, as far as it is known.", null=True),
                ),
                ("parts", models.JSONField(default=list, help_text="Per mission what came of it.")),
                ("reason", models.TextField(blank=True, help_text="Why it ended early.")),
                (
                    "is_refresh",
                    models.BooleanField(default=False, help_text="Asked for by the schedule."),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("is_open",),
                        name="one_open_catalogue_fill",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CatalogueTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "waiting for a worker"),
                            ("READING", "being read"),
                            ("READY", "ready"),
                            ("REFUSED", "cannot be used"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=120)),
                ("reason", models.TextField(blank=True, help_text="Why it could not take charge.")),
                ("as_of", models.DateField(help_text="The day whose state it is.")),
                ("in_charge_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_current", models.BooleanField(default=False)),
                (
                    "is_first",
                    models.BooleanField(
                        default=False, help_text="Nothing stood there to compare with."
                    ),
                ),
                ("signals", models.IntegerField(default=0)),
                (
                    "counts",
                    models.JSONField(
                        default=dict, help_text="How many are new, gone, back, renamed, changed."
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[("Kepler", "Kepler"), ("TESS", "TESS"), ("K2", "K2")],
                        max_length=10,
                    ),
                ),
                (
                    "twins_made",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="With which tables twins were made.",
                        max_length=80,
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="catalogue_tables",
                        to="training.dataset",
                    ),
                ),
                (
                    "in_charge_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-in_charge_at", "-pk"),
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("mission",),
                        name="one_catalogue_table_in_charge",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prediction_labels",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="one_label_of_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="OtherList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Its short name, as CTOI.", max_length=30, unique=True
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        help_text="Its name in an address.", max_length=40, unique=True
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[
                            ("Kepler", "Kepler"),
                            ("TESS", "TESS"),
                            ("K2", "K2"),
                            ("other", "other"),
                        ],
                        help_text="Whose light curves its signals are from.",
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="The address where it is published.", max_length=300
                    ),
                ),
                (
                    "citation",
                    models.CharField(
                        help_text="A DOI, or how it wants to be cited.", max_length=300
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="ProspectiveCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.BigIntegerField(help_text="The newest table that it was counted with."),
                ),
                (
                    "missions",
                    models.JSONField(default=dict, help_text="Figures by mission, and pooled."),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReviewQueue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(blank=True, help_text="Tables and version.", max_length=200),
                ),
                ("made_at", models.DateTimeField(null=True)),
                ("signals", models.IntegerField(default=0, help_text="How many were looked at.")),
                (
                    "labelled",
                    models.IntegerField(default=0, help_text="How many labels could be compared."),
                ),
                (
                    "reason",
                    models.TextField(blank=True, help_text="Why it could not be made anew."),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "page",
                    models.CharField(
                        choices=[("history", "history"), ("batch", "outcome of a batch")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(help_text="As the address holds it.", max_length=1000)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("page", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "page", "name"), name="one_view_of_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Star",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "slug",
                    models.CharField(
                        help_text="Its name in an address.", max_length=90, unique=True
                    ),
                ),
                ("ra", models.FloatField(help_text="J2000, degrees.", null=True)),
                ("dec", models.FloatField(help_text="J2000, degrees.", null=True)),
            ],
            options={
                "ordering": ("name",),
                "indexes": [models.Index(fields=["dec"], name="star_dec")],
            },
        ),
        migrations.CreateModel(
            name="Watcher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("at once", "at once"),
                            ("daily", "once a day, at 7:00 UTC"),
                            ("weekly", "once a week, on Monday at 7:00 UTC"),
                            ("none", "not by e-mail"),
                        ],
                        default="at once",
                        max_length=8,
                    ),
                ),
                (
                    "mail_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="What came before is not."
                    ),
                ),
                (
                    "digest_at",
                    models.DateTimeField(help_text="When the next digest is due.", null=True),
                ),
                ("feed_key", models.CharField(default=secrets.token_hex, max_length=64)),
                (
                    "site",
                    models.CharField(
                        blank=True, help_text="Where the person found us.", max_length=200
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watcher",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("address", models.CharField(max_length=500)),
                (
                    "nonce",
                    models.CharField(
                        default=secrets.token_hex, help_text="Makes its secret.", max_length=64
                    ),
                ),
                (
                    "secret_check",
                    models.CharField(help_text="Of its secret, to know it again.", max_length=16),
                ),
                ("is_on", models.BooleanField(default=True)),
                (
                    "reason",
                    models.TextField(
                        blank=True, help_text="Why it is off, or what went wrong last."
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="What came before is not sent."
                    ),
                ),
                (
                    "rests_until",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="After a failure."
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("since", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "address"), name="one_webhook_of_an_address"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="Counted from 0.")),
                ("first_row", models.PositiveIntegerField(help_text="Counted from 1.")),
                ("rows", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("claimed", "being classified"),
                            ("done", "done"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        help_text="The answers of its rows, in the storage.",
                        max_length=200,
                    ),
                ),
                ("unusable", models.PositiveIntegerField(default=0)),
                ("problems", models.JSONField(blank=True, default=list)),
                (
                    "doubts",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        help_text="What it adds to the doubts about the table's units.",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="predictions.batch",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "indexes": [
                    models.Index(fields=["batch", "status"], name="predictions_batch_i_b087d2_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="one_chunk_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="CurveFolder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Of the archive, or how many files there are.", max_length=100
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("QUEUED", "waiting"),
                            ("READING", "being read"),
                            ("SEARCHING", "running"),
                            ("FINISHING", "being summed up"),
                            ("SUCCEEDED", "done"),
                            ("FAILED", "failed"),
                            ("CANCELLED", "cancelled"),
                        ],
                        db_index=True,
                        default="QUEUED",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it did not succeed.")),
                (
                    "files",
                    models.JSONField(
                        default=list, help_text="As they came: name, size, place of each."
                    ),
                ),
                (
                    "reading",
                    models.JSONField(
                        default=dict, help_text="How to read what files do not say themselves."
                    ),
                ),
                (
                    "refused",
                    models.JSONField(default=list, help_text="Files that no star got, and why."),
                ),
                ("claim", models.CharField(blank=True, max_length=32)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rows",
                    models.JSONField(
                        default=list,
                        help_text="For each row of the batch: its search, its signal's number, how many vetoes.",
                    ),
                ),
                (
                    "batch",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="curve_folder",
                        to="predictions.batch",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="curve_folders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["owner", "created_at"], name="curve_folder_owner")
                ],
            },
        ),
        migrations.CreateModel(
            name="OtherTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "waiting for a worker"),
                            ("READING", "being read"),
                            ("READY", "ready"),
                            ("REFUSED", "cannot be used"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=120)),
                ("reason", models.TextField(blank=True, help_text="Why it could not take charge.")),
                ("as_of", models.DateField(help_text="The day whose state it is.")),
                ("in_charge_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_current", models.BooleanField(default=False)),
                (
                    "is_first",
                    models.BooleanField(
                        default=False, help_text="Nothing stood there to compare with."
                    ),
                ),
                ("signals", models.IntegerField(default=0)),
                (
                    "counts",
                    models.JSONField(
                        default=dict, help_text="How many are new, gone, back, renamed, changed."
                    ),
                ),
                (
                    "unnamed",
                    models.IntegerField(
                        default=0, help_text="Rows without the name of signal or star."
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="other_tables",
                        to="training.dataset",
                    ),
                ),
                (
                    "in_charge_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tables",
                        to="predictions.otherlist",
                    ),
                ),
            ],
            options={
                "ordering": ("-in_charge_at", "-pk"),
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("list",),
                        name="one_other_table_in_charge",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Prediction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "identifier",
                    models.CharField(
                        blank=True, help_text="What its owner calls the signal.", max_length=100
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000)),
                (
                    "shared",
                    models.BooleanField(
                        default=False, help_text="Everybody who is signed in may read it."
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[
                            ("Kepler", "Kepler"),
                            ("TESS", "TESS"),
                            ("K2", "K2"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "inputs",
                    models.JSONField(
                        help_text="What was given, by schema name, in the schema's units."
                    ),
                ),
                (
                    "answer",
                    models.JSONField(
                        help_text="The verdict with its explanation, as the API gives it."
                    ),
                ),
                (
                    "disposition",
                    models.CharField(
                        choices=[
                            ("CONFIRMED", "CONFIRMED"),
                            ("CANDIDATE", "CANDIDATE"),
                            ("FALSE POSITIVE", "FALSE POSITIVE"),
                        ],
                        max_length=20,
                    ),
                ),
                ("p_confirmed", models.FloatField()),
                ("p_candidate", models.FloatField()),
                ("p_false_positive", models.FloatField()),
                (
                    "planet_score",
                    models.FloatField(help_text="Empty where it is not defined.", null=True),
                ),
                (
                    "labels",
                    models.ManyToManyField(
                        blank=True, related_name="predictions", to="predictions.label"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="predictions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="predictions",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["owner", "created_at", "id"], name="prediction_created"),
                    models.Index(
                        fields=["owner", "disposition", "created_at", "id"],
                        name="prediction_disposition",
                    ),
                    models.Index(
                        fields=["owner", "mission", "created_at", "id"], name="prediction_mission"
                    ),
                    models.Index(
                        fields=["owner", "version", "created_at", "id"], name="prediction_version"
                    ),
                    models.Index(
                        fields=["owner", "planet_score", "id"], name="prediction_planet_score"
                    ),
                    models.Index(
                        fields=["owner", "p_confirmed", "id"], name="prediction_p_confirmed"
                    ),
                    models.Index(
                        fields=["owner", "identifier", "id"], name="prediction_identifier"
                    ),
                    models.Index(
                        models.F("owner"),
                        django.db.models.functions.text.Length("note"),
                        name="prediction_noted",
                    ),
                    models.Index(fields=["created_at", "id"], name="prediction_latest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RowMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField(help_text="Counted from 1.")),
                (
                    "identifier",
                    models.CharField(blank=True, help_text="Of the row's signal.", max_length=200),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("kept", "kept"), ("rejected", "rejected")],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="predictions.batch",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("row",),
                "indexes": [models.Index(fields=["decision", "-changed_at"], name="mark_decision")],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "row"), name="one_mark_per_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="In the one spelling of the site.", max_length=80),
                ),
                ("listed_name", models.CharField(help_text="As the table has it.", max_length=80)),
                ("star_name", models.CharField(db_default="", default="", max_length=80)),
                (
                    "star_key",
                    models.CharField(blank=True, help_text="The star as listed.", max_length=80),
                ),
                ("ra", models.FloatField(help_text="J2000, degrees.", null=True)),
                ("dec", models.FloatField(help_text="J2000, degrees.", null=True)),
                ("epoch", models.FloatField(help_text="One mid-transit time, BJD.", null=True)),
                ("epoch_error", models.FloatField(help_text="Days.", null=True)),
                ("period", models.FloatField(help_text="Days.", null=True)),
                ("duration", models.FloatField(help_text="Hours.", null=True)),
                ("depth", models.FloatField(help_text="Parts per million.", null=True)),
                ("radius", models.FloatField(help_text="Earth radii.", null=True)),
                ("magnitude", models.FloatField(help_text="In the mission's band.", null=True)),
                (
                    "inputs",
                    models.JSONField(
                        default=dict, help_text="All inputs as read, in the schema's units."
                    ),
                ),
                ("disposition", models.CharField(blank=True, max_length=14)),
                ("is_listed", models.BooleanField(default=True)),
                ("planet_score", models.FloatField(null=True)),
                ("open_score", models.FloatField(null=True)),
                ("basis", models.CharField(blank=True, max_length=12)),
                (
                    "temperature",
                    models.FloatField(help_text="Equilibrium, K, zero albedo.", null=True),
                ),
                (
                    "tsm",
                    models.FloatField(
                        help_text="Transmission metric, Kempton et al. 2018.", null=True
                    ),
                ),
                (
                    "esm",
                    models.FloatField(help_text="Emission metric, Kempton et al. 2018.", null=True),
                ),
                (
                    "estimated",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="Their inputs, joined by |.",
                        max_length=120,
                    ),
                ),
                ("score_tsm", models.FloatField(help_text="Open score times TSM.", null=True)),
                ("score_esm", models.FloatField(help_text="Open score times ESM.", null=True)),
                (
                    "lost_from",
                    models.FloatField(
                        help_text="BJD after which the next transit is uncertain by an hour.",
                        null=True,
                    ),
                ),
                (
                    "warnings",
                    models.SmallIntegerField(db_default=0, default=0, help_text="Bits of Warned."),
                ),
                (
                    "map_cell",
                    models.SmallIntegerField(
                        help_text="Of the map of periods and radii.", null=True
                    ),
                ),
                (
                    "derived_by",
                    models.SmallIntegerField(
                        db_default=0, default=0, help_text="Which rules made it."
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[("Kepler", "Kepler"), ("TESS", "TESS"), ("K2", "K2")],
                        max_length=10,
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        help_text="Its name in an address.", max_length=100, unique=True
                    ),
                ),
                (
                    "archive_word",
                    models.CharField(blank=True, help_text="As in PC, APC, FA, KP.", max_length=20),
                ),
                (
                    "created",
                    models.CharField(
                        blank=True, help_text="When the archive listed it.", max_length=10
                    ),
                ),
                (
                    "updated",
                    models.CharField(
                        blank=True, help_text="When it changed its row.", max_length=10
                    ),
                ),
                (
                    "is_simulated",
                    models.BooleanField(db_default=False, default=False, help_text="Made up."),
                ),
                (
                    "first_table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="predictions.cataloguetable",
                    ),
                ),
                (
                    "last_table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="predictions.cataloguetable",
                    ),
                ),
                (
                    "scored_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
                (
                    "star",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="predictions.star",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "indexes": [
                    models.Index(fields=["derived_by"], name="signal_derived"),
                    models.Index(fields=["is_listed", "name", "id"], name="signal_by_name"),
                    models.Index(
                        fields=["is_listed", "star_name", "id"], name="signal_by_star_name"
                    ),
                    models.Index(
                        fields=["is_listed", "disposition", "id"], name="signal_by_disposition"
                    ),
                    models.Index(
                        fields=["is_listed", "planet_score", "id"], name="signal_by_planet_score"
                    ),
                    models.Index(
                        fields=["is_listed", "open_score", "id"], name="signal_by_open_score"
                    ),
                    models.Index(
                        fields=["is_listed", "score_tsm", "id"], name="signal_by_score_tsm"
                    ),
                    models.Index(
                        fields=["is_listed", "score_esm", "id"], name="signal_by_score_esm"
                    ),
                    models.Index(fields=["is_listed", "tsm", "id"], name="signal_by_tsm"),
                    models.Index(fields=["is_listed", "esm", "id"], name="signal_by_esm"),
                    models.Index(
                        fields=["is_listed", "magnitude", "id"], name="signal_by_magnitude"
                    ),
                    models.Index(fields=["is_listed", "period", "id"], name="signal_by_period"),
                    models.Index(fields=["is_listed", "radius", "id"], name="signal_by_radius"),
                    models.Index(
                        fields=["is_listed", "temperature", "id"], name="signal_by_temperature"
                    ),
                    models.Index(
                        fields=["is_listed", "disposition", "map_cell"], name="signal_map"
                    ),
                    models.Index(
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
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("mission", "name"), name="one_signal_of_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("is_test", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("WAITING", "waiting"),
                            ("SENDING", "being sent"),
                            ("SENT", "delivered"),
                            ("FAILED", "given up"),
                            ("CANCELLED", "called off"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("answer", models.IntegerField(help_text="The receiver's status.", null=True)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="predictions.webhook",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["status", "next_at"], name="delivery_due")],
            },
        ),
        migrations.CreateModel(
            name="CurveSearch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Of the star, or of the first file.", max_length=100
                    ),
                ),
                (
                    "shared",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        verbose_name="shared with everyone signed in",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "not started"),
                            ("QUEUED", "waiting"),
                            ("RUNNING", "running"),
                            ("SUCCEEDED", "done"),
                            ("FAILED", "failed"),
                            ("CANCELLED", "cancelled"),
                        ],
                        db_index=True,
                        default="DRAFT",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it did not succeed.")),
                (
                    "files",
                    models.JSONField(
                        default=list, help_text="Name, size and place in the storage of each."
                    ),
                ),
                (
                    "glanced",
                    models.JSONField(default=dict, help_text="What the files said at first sight."),
                ),
                (
                    "asked",
                    models.JSONField(
                        default=dict,
                        help_text="How to read them, the star, and periods that were stated.",
                    ),
                ),
                (
                    "curve_file",
                    models.CharField(
                        blank=True, help_text="The joined light, in the storage.", max_length=200
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("enqueued_at", models.DateTimeField(blank=True, null=True)),
                (
                    "claim",
                    models.CharField(
                        blank=True,
                        help_text="Drawn by the one process that runs it.",
                        max_length=32,
                    ),
                ),
                ("host", models.CharField(blank=True, max_length=200)),
                ("pid", models.IntegerField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("stage", models.CharField(blank=True, max_length=200)),
                ("progress", models.FloatField(default=0, help_text="From 0 to 1.")),
                (
                    "result",
                    models.JSONField(blank=True, help_text="As the API gives it.", null=True),
                ),
                (
                    "plots",
                    models.JSONField(blank=True, help_text="The numbers of its plots.", null=True),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        blank=True,
                        help_text="The search whose light is measured again.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="later",
                        to="predictions.curvesearch",
                    ),
                ),
                (
                    "in_folder",
                    models.ForeignKey(
                        blank=True,
                        help_text="The files of many stars of which this is one.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="searches",
                        to="predictions.curvefolder",
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="curve_searches",
                        to="training.modelversion",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="curve_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "curve searches",
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["owner", "created_at"], name="curve_search_owner")
                ],
            },
        ),
        migrations.CreateModel(
            name="DispositionChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("gone", "no longer listed"),
                            ("back", "listed again"),
                            ("renamed", "renamed"),
                            ("changed", "another disposition"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "old",
                    models.CharField(blank=True, help_text="Disposition, or name.", max_length=80),
                ),
                (
                    "new",
                    models.CharField(blank=True, help_text="Disposition, or name.", max_length=80),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="predictions.cataloguetable",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="predictions.signal",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["table", "kind"], name="change_table_kind")],
            },
        ),
        migrations.CreateModel(
            name="OtherSignal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="In the one spelling of the site.", max_length=80),
                ),
                ("listed_name", models.CharField(help_text="As the table has it.", max_length=80)),
                ("star_name", models.CharField(db_default="", default="", max_length=80)),
                (
                    "star_key",
                    models.CharField(blank=True, help_text="The star as listed.", max_length=80),
                ),
                ("ra", models.FloatField(help_text="J2000, degrees.", null=True)),
                ("dec", models.FloatField(help_text="J2000, degrees.", null=True)),
                ("epoch", models.FloatField(help_text="One mid-transit time, BJD.", null=True)),
                ("epoch_error", models.FloatField(help_text="Days.", null=True)),
                ("period", models.FloatField(help_text="Days.", null=True)),
                ("duration", models.FloatField(help_text="Hours.", null=True)),
                ("depth", models.FloatField(help_text="Parts per million.", null=True)),
                ("radius", models.FloatField(help_text="Earth radii.", null=True)),
                ("magnitude", models.FloatField(help_text="In the mission's band.", null=True)),
                (
                    "inputs",
                    models.JSONField(
                        default=dict, help_text="All inputs as read, in the schema's units."
                    ),
                ),
                ("disposition", models.CharField(blank=True, max_length=14)),
                ("is_listed", models.BooleanField(default=True)),
                ("planet_score", models.FloatField(null=True)),
                ("open_score", models.FloatField(null=True)),
                ("basis", models.CharField(blank=True, max_length=12)),
                (
                    "temperature",
                    models.FloatField(help_text="Equilibrium, K, zero albedo.", null=True),
                ),
                (
                    "tsm",
                    models.FloatField(
                        help_text="Transmission metric, Kempton et al. 2018.", null=True
                    ),
                ),
                (
                    "esm",
                    models.FloatField(help_text="Emission metric, Kempton et al. 2018.", null=True),
                ),
                (
                    "estimated",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="Their inputs, joined by |.",
                        max_length=120,
                    ),
                ),
                ("score_tsm", models.FloatField(help_text="Open score times TSM.", null=True)),
                ("score_esm", models.FloatField(help_text="Open score times ESM.", null=True)),
                (
                    "lost_from",
                    models.FloatField(
                        help_text="BJD after which the next transit is uncertain by an hour.",
                        null=True,
                    ),
                ),
                (
                    "warnings",
                    models.SmallIntegerField(db_default=0, default=0, help_text="Bits of Warned."),
                ),
                (
                    "map_cell",
                    models.SmallIntegerField(
                        help_text="Of the map of periods and radii.", null=True
                    ),
                ),
                (
                    "derived_by",
                    models.SmallIntegerField(
                        db_default=0, default=0, help_text="Which rules made it."
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[
                            ("Kepler", "Kepler"),
                            ("TESS", "TESS"),
                            ("K2", "K2"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        help_text="Its name in an address, in its list.", max_length=100
                    ),
                ),
                (
                    "list_says",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CONFIRMED", "CONFIRMED"),
                            ("CANDIDATE", "CANDIDATE"),
                            ("FALSE POSITIVE", "FALSE POSITIVE"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "list_word",
                    models.CharField(
                        blank=True, help_text="The same in its own word.", max_length=40
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="predictions.otherlist",
                    ),
                ),
                (
                    "scored_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
                (
                    "first_table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.othertable",
                    ),
                ),
                (
                    "last_table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.othertable",
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        help_text="The missions' signal of this star and period.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="others",
                        to="predictions.signal",
                    ),
                ),
                (
                    "star",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="others",
                        to="predictions.star",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "indexes": [
                    models.Index(fields=["list", "is_listed", "name", "id"], name="other_by_name"),
                    models.Index(
                        fields=["list", "is_listed", "planet_score", "id"],
                        name="other_by_planet_score",
                    ),
                    models.Index(
                        fields=["list", "is_listed", "open_score", "id"], name="other_by_open_score"
                    ),
                    models.Index(
                        fields=["list", "is_listed", "period", "id"], name="other_by_period"
                    ),
                    models.Index(
                        fields=[
                            "list",
                            "is_listed",
                            "disposition",
                            "map_cell",
                            "list_says",
                            "same_as",
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
                        name="other_lists",
                    ),
                    models.Index(fields=["derived_by"], name="other_derived"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("list", "name"), name="one_other_signal_of_a_name"
                    ),
                    models.UniqueConstraint(
                        fields=("list", "slug"), name="one_other_signal_of_a_slug"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planet_score", models.FloatField(null=True)),
                ("open_score", models.FloatField(null=True)),
                ("p_confirmed", models.FloatField()),
                ("p_candidate", models.FloatField()),
                ("p_false_positive", models.FloatField()),
                ("prediction_set", models.CharField(help_text="Joined by |.", max_length=60)),
                ("planet_set", models.CharField(help_text="Joined by |.", max_length=40)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("out of fold", "from when it had not seen the star"),
                            ("star known", "its own, though it learnt from the star"),
                            ("unseen", "its own; it never saw the star"),
                        ],
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="predictions.signal",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("signal", "version"), name="one_score_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mission",
                    models.CharField(
                        choices=[("Kepler", "Kepler"), ("TESS", "TESS"), ("K2", "K2")],
                        max_length=10,
                    ),
                ),
                ("worth", models.FloatField()),
                ("suspected_label", models.BooleanField(default=False)),
                ("conflict", models.BooleanField(default=False)),
                ("versions", models.BooleanField(default=False)),
                ("unfamiliar", models.BooleanField(default=False)),
                ("several", models.BooleanField(default=False)),
                ("facts", models.JSONField(default=dict, help_text="What each reason rests on.")),
                (
                    "signal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_item",
                        to="predictions.signal",
                    ),
                ),
            ],
            options={
                "ordering": ("-worth", "signal_id"),
                "indexes": [models.Index(fields=["-worth", "signal"], name="review_worth")],
            },
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, max_length=80)),
                ("name", models.CharField(max_length=80)),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="predictions.signal",
                    ),
                ),
                (
                    "star",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="predictions.star",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("key", "signal"), name="one_name_of_a_signal"),
                    models.UniqueConstraint(fields=("key", "star"), name="one_name_of_a_star"),
                ],
            },
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
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voter_name",
                    models.CharField(help_text="Also when the account has gone.", max_length=150),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("planet", "planet"),
                            ("false positive", "false positive"),
                            ("cannot tell", "cannot tell"),
                        ],
                        max_length=14,
                    ),
                ),
                ("grounds", models.JSONField(default=list)),
                ("comment", models.TextField(blank=True)),
                (
                    "is_blind",
                    models.BooleanField(
                        help_text="The person's first one, given without having seen the score."
                    ),
                ),
                ("is_current", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="predictions.signal",
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("made_at", "pk"),
                "indexes": [models.Index(fields=["is_current", "signal"], name="vote_current")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("signal", "voter"),
                        name="one_current_vote_per_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("query", models.CharField(blank=True, help_text="Of a list.", max_length=1000)),
                ("name", models.CharField(help_text="What the person calls it.", max_length=120)),
                ("threshold", models.FloatField(default=0.9, help_text="Of the planet score.")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "seen",
                    models.BinaryField(
                        default=bytes, help_text="Its signals and their scores, packed."
                    ),
                ),
                (
                    "seen_change",
                    models.BigIntegerField(default=0, help_text="The last change that was told."),
                ),
                (
                    "seen_state",
                    models.CharField(blank=True, help_text="Of the catalogue.", max_length=120),
                ),
                (
                    "looks",
                    models.IntegerField(default=0, help_text="Raised by who tells: only one does."),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.signal",
                    ),
                ),
                (
                    "star",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.star",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "signal"), name="one_watch_of_a_signal"
                    ),
                    models.UniqueConstraint(fields=("owner", "star"), name="one_watch_of_a_star"),
                    models.UniqueConstraint(
                        condition=models.Q(("signal", None), ("star", None)),
                        fields=("owner", "query"),
                        name="one_watch_of_a_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Foresight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planet_score", models.FloatField(null=True)),
                ("open_score", models.FloatField(null=True)),
                ("p_confirmed", models.FloatField()),
                ("p_candidate", models.FloatField()),
                ("p_false_positive", models.FloatField()),
                ("prediction_set", models.CharField(help_text="Joined by |.", max_length=60)),
                ("planet_set", models.CharField(help_text="Joined by |.", max_length=40)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("out of fold", "from when it had not seen the star"),
                            ("star known", "its own, though it learnt from the star"),
                            ("unseen", "its own; it never saw the star"),
                        ],
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="foresights",
                        to="predictions.dispositionchange",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("change", "version"), name="one_foresight_of_a_change"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "key",
                    models.CharField(
                        help_text="What happened; the same for every watch.", max_length=120
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decided", "an open signal was decided"),
                            ("changed", "another disposition"),
                            ("new", "new"),
                            ("gone", "no longer listed"),
                            ("back", "listed again"),
                            ("renamed", "renamed"),
                            ("score", "score beyond the threshold"),
                            ("entered", "fits a list now"),
                            ("left", "fits a list no longer"),
                            ("more", "many changes"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("detail", models.TextField(blank=True)),
                ("path", models.CharField(help_text="Of the page about it.", max_length=1100)),
                ("facts", models.JSONField(default=dict, help_text="For programs.")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="news",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="predictions.signal",
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="news",
                        to="predictions.watch",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "news",
                "ordering": ("-at", "pk"),
                "indexes": [models.Index(fields=["owner", "-at"], name="news_of_owner")],
                "constraints": [models.UniqueConstraint(fields=("owner", "key"), name="told_once")],
            },
        ),
        migrations.CreateModel(
            name="OtherScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planet_score", models.FloatField(null=True)),
                ("open_score", models.FloatField(null=True)),
                ("p_confirmed", models.FloatField()),
                ("p_candidate", models.FloatField()),
                ("p_false_positive", models.FloatField()),
                ("prediction_set", models.CharField(help_text="Joined by |.", max_length=60)),
                ("planet_set", models.CharField(help_text="Joined by |.", max_length=40)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("out of fold", "from when it had not seen the star"),
                            ("star known", "its own, though it learnt from the star"),
                            ("unseen", "its own; it never saw the star"),
                        ],
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="predictions.othersignal",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("signal", "version"), name="one_other_score")
                ],
            },
        ),
        migrations.CreateModel(
            name="OtherName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, max_length=80)),
                ("name", models.CharField(max_length=80)),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="predictions.othersignal",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "signal"), name="one_name_of_an_other_signal"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OtherChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("gone", "no longer listed"),
                            ("back", "listed again"),
                            ("renamed", "renamed"),
                            ("changed", "another disposition"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True, help_text="What the list said, or name.", max_length=80
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        blank=True, help_text="What the list says, or name.", max_length=80
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="predictions.othersignal",
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="predictions.othertable",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="CurveSignal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField()),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="predictions.curvesearch",
                    ),
                ),
                (
                    "prediction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="curve_signal",
                        to="predictions.prediction",
                    ),
                ),
            ],
            options={
                "ordering": ("order",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("search", "order"), name="one_prediction_per_signal"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveredNews",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(help_text="“mail”, or the key of a webhook.", max_length=40),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="predictions.delivery",
                    ),
                ),
                (
                    "news",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="predictions.news",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("news", "way"), name="told_once_by_a_way")
                ],
            },
        ),
        migrations.AddField(
            model_name="Delivery",
            name="news",
            field=models.ManyToManyField(
                related_name="deliveries",
                through="predictions.DeliveredNews",
                to="predictions.news",
            ),
        ),
        migrations.RunPython(
            code=JANITOR.schedule_janitor,
            reverse_code=JANITOR.unschedule_janitor,
        ),
    ]
