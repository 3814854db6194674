"""The settings as processes of their own read them, from an environment of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from tests.conftest import PROJECT

PRODUCTION = {
    "SECRET_KEY": "k3y-0f-pr0duct10n-" * 5,
    "ARTIFACT_SIGNING_KEY": "another-key-of-production",
    "ALLOWED_HOSTS": "exoplanets.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://exoplanets.example.org",
    "HTTPS": "on",
    "TRUSTED_PROXIES": "1",
}


def manage(data_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
    )


def setting(data_dir: Path, expression: str, **environment: str) -> object:
    code = (
        f"import json; from exoplanet_site import settings; print(json.dumps({expression},"
        " default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_deployment_check_is_clean_with_the_documented_variables(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_deployment_check_complains_about_plain_http(tmp_path: Path) -> None:
    done = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, "HTTPS": "off"}
    )
    assert done.returncode != 0
    assert "security.W012" in done.stderr


def test_first_run_makes_both_keys_and_they_differ(tmp_path: Path) -> None:
    keys = setting(tmp_path, "[settings.SECRET_KEY, settings.ARTIFACT_SIGNING_KEY]")
    assert keys == [
        (tmp_path / name).read_text().strip() for name in ("secret_key", "artifact_signing_key")
    ]
    assert isinstance(keys, list)
    assert keys[0] != keys[1]
    assert setting(tmp_path, "settings.SECRET_KEY") == keys[0]


@pytest.mark.parametrize("name", ["SECRET_KEY", "ARTIFACT_SIGNING_KEY"])
def test_a_key_may_come_from_a_file_or_a_variable(tmp_path: Path, name: str) -> None:
    file = tmp_path / "from-elsewhere"
    file.write_text("what the file says\n")
    assert (
        setting(tmp_path, f"settings.{name}", **{f"{name}_FILE": str(file)}) == "what the file says"
    )
    assert (
        setting(tmp_path, f"settings.{name}", **{name: "what the variable says"})
        == "what the variable says"
    )
    assert not (tmp_path / name.lower()).exists()


def test_everything_mutable_lies_in_the_data_folder(tmp_path: Path) -> None:
    places = setting(
        tmp_path,
        "[settings.MEDIA_ROOT, settings.STATIC_ROOT, settings.DATABASES['default']['NAME']]",
    )
    assert isinstance(places, list)
    assert [Path(place).parent for place in places] == [tmp_path] * 3


def test_limits_and_switches_come_from_the_environment(tmp_path: Path) -> None:
    names = "BATCH_MAX_ROWS", "BATCH_SYNC_ROWS", "RETRAIN_MAX_ROWS", "DEBUG"
    expression = f"[getattr(settings, name) for name in {names}]"
    assert setting(tmp_path, expression) == [1_000_000, 1_000, 50_000, False]
    given = {"BATCH_MAX_ROWS": "5", "BATCH_SYNC_ROWS": "3", "RETRAIN_MAX_ROWS": "4", "DEBUG": "on"}
    assert setting(tmp_path, expression, **given) == [5, 3, 4, True]


def test_database_url_chooses_the_database(tmp_path: Path) -> None:
    sqlite = setting(
        tmp_path,
        "settings.DATABASES['default']",
        DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3",
    )
    assert isinstance(sqlite, dict)
    assert sqlite["NAME"] == f"{tmp_path}/other.sqlite3"
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    postgres = setting(
        tmp_path, "settings.DATABASES['default']", DATABASE_URL="postgres://ada:secret@db:5433/exo"
    )
    assert isinstance(postgres, dict)
    assert (postgres["HOST"], postgres["PORT"], postgres["NAME"]) == ("db", 5433, "exo")
    assert "transaction_mode" not in postgres["OPTIONS"]
    assert postgres["OPTIONS"]["options"] == "-c max_parallel_workers_per_gather=0"


def test_only_web_processes_pool_their_connections(tmp_path: Path) -> None:
    """django-q2 forks, and a pool's connections do not survive that (0 of 60 tasks were done)."""
    url = "postgres://ada@db/exo"
    alone = setting(tmp_path, "settings.DATABASES['default']", DATABASE_URL=url)
    assert isinstance(alone, dict)
    assert "pool" not in alone["OPTIONS"]
    assert (alone["CONN_MAX_AGE"], alone["CONN_HEALTH_CHECKS"]) == (600, True)
    in_web = "__import__('exoplanet_site.wsgi') and settings.DATABASES['default']"
    pooled = setting(tmp_path, in_web, DATABASE_URL=url, DATABASE_POOL="7")
    assert isinstance(pooled, dict)
    assert (pooled["CONN_MAX_AGE"], pooled["OPTIONS"]["pool"]["max_size"]) == (0, 7)
    without = setting(tmp_path, in_web, DATABASE_URL=url, DATABASE_POOL="0")
    assert isinstance(without, dict)
    assert "pool" not in without["OPTIONS"]


def test_only_web_processes_keep_sqlite_open(tmp_path: Path) -> None:
    """A worker forks, and SQLite's connections do not survive that."""
    assert setting(tmp_path, "settings.DATABASES['default'].get('CONN_MAX_AGE', 0)") == 0
    in_web = "__import__('exoplanet_site.wsgi') and settings.DATABASES['default']['CONN_MAX_AGE']"
    assert setting(tmp_path, in_web) == 60


def test_passwords_may_come_from_files_apart_from_addresses(tmp_path: Path) -> None:
    secrets = {
        name: tmp_path / name for name in ("DATABASE_URL", "DATABASE_PASSWORD", "REDIS_PASSWORD")
    }
    for name, file in secrets.items():
        file.write_text({"DATABASE_URL": "postgres://ada@db:5433/exo\n"}.get(name, f"the {name}\n"))
    files = {f"{name}_FILE": str(file) for name, file in secrets.items()}
    found = setting(
        tmp_path,
        "[settings.DATABASES['default'], settings.CACHES['default']]",
        REDIS_URL="redis://cache/0",
        **files,
    )
    assert isinstance(found, list)
    database, cache = found
    assert (database["NAME"], database["PASSWORD"]) == ("exo", "the DATABASE_PASSWORD")
    assert cache["OPTIONS"]["password"] == "the REDIS_PASSWORD"


def test_migrated_sqlite_writes_ahead(tmp_path: Path) -> None:
    assert manage(tmp_path, "migrate", "--verbosity", "0").returncode == 0
    done = manage(
        tmp_path,
        "shell",
        "--no-imports",
        "-c",
        "import django.db as d; c = d.connection.cursor(); "
        "print(*c.execute('PRAGMA journal_mode').fetchone())",
    )
    assert done.stdout.strip() == "wal", done.stderr


def test_every_model_has_its_migrations(db: None, tmp_path: Path) -> None:
    done = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout


def test_no_task_is_handed_out_while_it_may_still_run() -> None:
    clusters = [settings.Q_CLUSTER, *settings.Q_CLUSTER["ALT_CLUSTERS"].values()]
    assert len(clusters) == 4
    for cluster in clusters:
        assert cluster["retry"] > cluster["timeout"]


def test_roles_come_with_the_migrations(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {
        "member",
        "curator",
        "administrator",
    }


def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(db: None) -> None:
    answer = Client().get("/admin/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_tests_have_a_data_folder_of_their_own(data_dir: Path) -> None:
    assert Path(settings.DATA_DIR) == data_dir
    assert Path(settings.MEDIA_ROOT).is_relative_to(data_dir)
    assert PROJECT not in data_dir.parents


def test_the_test_database_is_not_a_file_of_the_site(db: None) -> None:
    name = str(connection.settings_dict["NAME"])
    assert name.startswith("test_") if connection.vendor == "postgresql" else "memory" in name


def test_static_files_are_found_without_collectstatic(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from django.templatetags.static import static; from"
        " django.test import Client; address = static('admin/css/base.css'); print(address,"
        " Client().get(address).status_code)"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATA_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "testserver",
    }
    environment["DJANGO_SETTINGS_MODULE"] = "exoplanet_site.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["/static/admin/css/base.css", "200"], done.stderr
