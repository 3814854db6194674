"""Every minute somebody looks after batches whose worker has died."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "batch janitor"


def schedule_janitor(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name=NAME,
        defaults={
            "func": "predictions.batch_tasks.clean_up",
            "schedule_type": "I",
            "minutes": 1,
            "cluster": "batches",
        },
    )


def unschedule_janitor(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("django_q", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = (
        ("predictions", "0002_batches"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    )

    operations = (migrations.RunPython(schedule_janitor, unschedule_janitor),)
