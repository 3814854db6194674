"""All tables of this app at once, for a new database. Its migrations one by one, which stay for those
that have some of them, take ten times as long."""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ROLES = import_module("training.migrations.0002_roles")
JANITOR = import_module("training.migrations.0004_training_janitor")


class Migration(migrations.Migration):
    replaces = [
        ("training", "0001_initial"),
        ("training", "0002_roles"),
        ("training", "0003_datasets_and_training_runs"),
        ("training", "0004_training_janitor"),
        ("training", "0005_saved_mappings"),
        ("training", "0006_accounts"),
        ("training", "0007_dataset_drafts"),
        ("training", "0008_stored_comparisons"),
        ("training", "0009_draft_heads"),
        ("training", "0010_version_names"),
        ("training", "0011_simulated"),
        ("training", "0012_roll_backs"),
        ("training", "0013_reviewing"),
        ("training", "0014_identities"),
        ("training", "0015_second_factors"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
        migrations.swappable_dependency(settings.KNOX_TOKEN_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dataset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("upload", "uploaded"),
                            ("archive", "fetched from the NASA Exoplanet Archive"),
                            ("command", "brought on the command line"),
                            ("simulated", "simulated"),
                            ("votes", "made of people's votes"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "waiting for its mapping"),
                            ("WAITING", "waiting"),
                            ("WORKING", "being read"),
                            ("READY", "ready"),
                            ("REFUSED", "cannot be used"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        help_text="What is being done with it at the moment.",
                        max_length=300,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it cannot be used.")),
                (
                    "mission",
                    models.CharField(
                        blank=True,
                        help_text="As said by the person; else found in the table.",
                        max_length=10,
                    ),
                ),
                (
                    "mapping",
                    models.JSONField(
                        help_text="Which column feeds which feature, where the site did not see it.",
                        null=True,
                    ),
                ),
                (
                    "provenance",
                    models.JSONField(
                        default=dict,
                        help_text="Where a fetched table is from: address, query, DOI, time.",
                    ),
                ),
                (
                    "file",
                    models.CharField(
                        blank=True, help_text="Its place in the storage.", max_length=200
                    ),
                ),
                (
                    "sha256",
                    models.CharField(max_length=64, null=True, unique=True, verbose_name="SHA-256"),
                ),
                (
                    "head",
                    models.BinaryField(
                        help_text="The first rows of a draft's table, packed by ``TableHead``.",
                        null=True,
                    ),
                ),
                ("size", models.BigIntegerField(default=0, help_text="In bytes.")),
                ("rows", models.IntegerField(default=0)),
                ("signals", models.IntegerField(default=0)),
                ("report", models.JSONField(help_text="What the validation found.", null=True)),
                ("created_at", models.DateTimeField()),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("archived_at", models.DateTimeField(null=True)),
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
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("note", models.CharField(blank=True, help_text="For whom it is.", max_length=120)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
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
                        help_text="When it was made, as in 2026-11-23T19-40-12Z.",
                        max_length=40,
                        unique=True,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("bundled", "came with the site"),
                            ("command", "trained on the command line"),
                            ("training run", "trained on the site"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "artifact",
                    models.CharField(
                        help_text="The folder of its files in the storage.", max_length=200
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        help_text="Of classifier.joblib.", max_length=64, verbose_name="SHA-256"
                    ),
                ),
                (
                    "metadata",
                    models.JSONField(
                        help_text="Tables, seed, parameters, libraries and metrics, as in metadata.json."
                    ),
                ),
                ("is_active", models.BooleanField(default=False, verbose_name="in service")),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="What curators call it, beside its timestamp.",
                        max_length=80,
                        verbose_name="name",
                    ),
                ),
                (
                    "labels",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="In order, between commas.",
                        max_length=400,
                    ),
                ),
                (
                    "activated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="model_versions_activated",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="model_versions_created",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("is_active",),
                        name="one_model_version_in_service",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("key", models.BinaryField()),
                (
                    "credential",
                    models.CharField(help_text="Its number, in hex.", max_length=1400, unique=True),
                ),
                ("counter", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="SavedMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "header",
                    models.CharField(help_text="SHA-256 of the column names.", max_length=64),
                ),
                (
                    "mapping",
                    models.JSONField(
                        help_text="Which column feeds which feature, and in which unit."
                    ),
                ),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mappings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-saved_at",),
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="one_mapping_per_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "secret",
                    models.CharField(blank=True, help_text="That the app has, too.", max_length=64),
                ),
                (
                    "pending",
                    models.CharField(
                        blank=True, help_text="One that is being set up.", max_length=64
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "last_step",
                    models.BigIntegerField(default=0, help_text="No code is taken twice."),
                ),
                ("failures", models.IntegerField(default=0)),
                ("failed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TokenGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "scopes",
                    models.JSONField(default=list, help_text="Of “read”, “classify” and “train”."),
                ),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grant",
                        to=settings.KNOX_TOKEN_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-token__created",),
            },
        ),
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(help_text="Its key in the settings.", max_length=20)),
                ("issuer", models.CharField(max_length=200)),
                ("subject", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer", "subject"), name="one_account_per_identity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InputCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("mission", models.CharField(max_length=10)),
                ("signals", models.IntegerField(default=0)),
                (
                    "counts",
                    models.JSONField(default=dict, help_text="Feature → number of values per bin."),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="input_counts",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model_version", "day", "mission"),
                        name="one_input_count_per_version_day_and_mission",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Activation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                (
                    "overridden",
                    models.TextField(
                        blank=True,
                        help_text="What spoke against it, where somebody decided for it anyway.",
                    ),
                ),
                ("is_roll_back", models.BooleanField(db_default=False, default=False)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="training.modelversion",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="StoredComparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "summary",
                    models.JSONField(
                        help_text="The outcome in words, the stars, the headline figures."
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="one_comparison_of_a_pair"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TrainingRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seed", models.IntegerField(default=0)),
                (
                    "parameters",
                    models.JSONField(
                        default=dict,
                        help_text="What differs from the usual parameters of a training.",
                    ),
                ),
                ("notes", models.TextField(blank=True)),
                (
                    "is_simulated",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Some of its signals were made up.",
                        verbose_name="simulated",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("QUEUED", "waiting"),
                            ("RUNNING", "running"),
                            ("SUCCEEDED", "succeeded"),
                            ("FAILED", "failed"),
                            ("CANCELLED", "cancelled"),
                        ],
                        db_index=True,
                        default="QUEUED",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it did not succeed.")),
                ("enqueued_at", models.DateTimeField(null=True)),
                (
                    "claim",
                    models.CharField(
                        blank=True,
                        help_text="Drawn by the one process that runs it.",
                        max_length=32,
                    ),
                ),
                ("host", models.CharField(blank=True, max_length=200)),
                ("pid", models.IntegerField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("stage", models.CharField(blank=True, max_length=200)),
                ("progress", models.FloatField(default=0, help_text="From 0 to 1.")),
                (
                    "folds",
                    models.JSONField(default=list, help_text="Figures of the finished folds."),
                ),
                (
                    "log",
                    models.JSONField(
                        default=list, help_text="[[seconds since the start, sentence], …]"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "datasets",
                    models.ManyToManyField(related_name="training_runs", to="training.dataset"),
                ),
                (
                    "model_version",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="training_run",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.RunPython(
            code=ROLES.create_roles,
            reverse_code=ROLES.delete_roles,
        ),
        migrations.RunPython(
            code=JANITOR.schedule_janitor,
            reverse_code=JANITOR.unschedule_janitor,
        ),
    ]
