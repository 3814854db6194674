"""What tests everywhere need: people, a data folder, the archive's tables, a browser."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import blocking_manager_key

from training.versions.drift import input_counts_forget

PROJECT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("EXOPLANET_SHARED_DATA", PROJECT.parent / "shared" / "data"))
PASSWORD = "a long enough password"
SESSION_DATA_DIR = Path(django_settings.DATA_DIR)
atexit.register(shutil.rmtree, SESSION_DATA_DIR, ignore_errors=True)

_PROCESSOR = Path("/proc/cpuinfo")
HAS_AVX512 = _PROCESSOR.exists() and "avx512f" in _PROCESSOR.read_text()
"""NumPy has other code for these processors, whose last bits differ."""

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


LONGEST = (
    "tests/stack/test_drills.py",
    "tests/training/runs/test_faults.py",
    "tests/training/runs/test_postgresql.py",
    "tests/predictions/rest/test_schemathesis.py",
    "tests/training/ml/fitting/test_views.py",
    "tests/training/test_browser.py",
    "tests/test_fuzz.py",
    "tests/training/ml/tables/test_mapping_identity.py",
    "tests/training/ml/tables/test_shared_tables.py",
    "tests/training/test_backups.py",
    "tests/test_object_store.py",
    "tests/predictions/batches/test_own_files.py",
    "tests/predictions/batches/test_real_tables.py",
    "tests/predictions/catalogue/test_real_tables.py",
    "tests/predictions/metrics/test_page_trained.py",
    "tests/training/versions/test_activation_processes.py",
    "tests/containers/test_rehearsal.py",
    "tests/pages/test_axe.py",
    "tests/upgrade/test_upgrade.py",
    "tests/training/ml/evaluation/test_protocol.py",
    "tests/training/ml/test_train.py",
    "tests/exoplanet_site/setup/test_serve.py",
    "tests/training/accounts/test_devices.py",
    "tests/training/ml/tables/test_broken_tables.py",
    "tests/test_access.py",
    "tests/training/test_worker.py",
)
"""Files that take minutes, to begin with: one of them begun last is waited for by every other
core."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that need no database: another one changes nothing for them",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around pytest-django, which puts tests in order
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    _begin_with_what_migrations_made(items)
    if config.getoption("--database-only"):
        left_out = [item for item in items if not _wants_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _wants_database(item)]
    yield
    items.sort(key=_length)


def _length(item: pytest.Item) -> int:
    path = item.location[0]
    return LONGEST.index(path) if path in LONGEST else len(LONGEST)


def _wants_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


def _begin_with_what_migrations_made(items: list[pytest.Item]) -> None:
    """Every test that commits begins with roles, and the bundled version in service.

    Django empties all tables after such a test. It puts that back for the next one only where that
    asks for it, and one that did not ask got a site without a classifier if it came after one that
    did.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        facts = dict(marker.kwargs) if marker else {}
        if facts.get("transaction") or {"transactional_db", "live_server"} & set(
            getattr(item, "fixturenames", ())
        ):
            facts |= {"transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**facts), append=False)


class Tables:
    """Whether the last test that commits has left them empty."""

    are_empty = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """So does every other test with a database, also where tests side by side come in another order
    than alone."""
    marker = item.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction"))
    if Tables.are_empty and not commits and (marker or "db" in getattr(item, "fixturenames", ())):
        with item.config.stash[blocking_manager_key].unblock():
            connection = connections[DEFAULT_DB_ALIAS]
            contents = connection._test_serialized_contents  # type: ignore[attr-defined]
            connection.creation.deserialize_db_from_string(contents)
        Tables.are_empty = False
    Tables.are_empty |= commits


def printed_by(program: str, data_dir: Path) -> str:
    """What a Python prints that has nothing of this one's imports or environment."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Keep what the migrations made for every connection.

    Django keeps it at the one connection that made the tables. Once Playwright's event loop runs in
    this thread, Django hands out another connection, and would find nothing there to put back.
    """
    contents = getattr(connections[DEFAULT_DB_ALIAS], "_test_serialized_contents", None)
    if contents is not None:
        type(connections[DEFAULT_DB_ALIAS])._test_serialized_contents = contents  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the archive's real tables."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the archive's tables in {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def data_dir(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Path:
    """A DATA_DIR for each test, with the files of the bundled classifier if the test has the
    database that lists it."""
    folder = tmp_path / "data"
    folder.mkdir()
    if _wants_database(request.node):
        (SESSION_DATA_DIR / "media").mkdir(exist_ok=True)
        shutil.copytree(SESSION_DATA_DIR / "media", folder / "media", dirs_exist_ok=True)
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = (
        folder / "media"
    )  # the storage notices, because pytest-django announces the change
    cache.clear()  # rate limits and the like
    input_counts_forget()  # signals that an earlier test classified, of a version that is no more
    return folder


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """`make_user("ada", "curator")`: an account with this role and the password
    `tests.conftest.PASSWORD`."""

    def make(name: str = "ada", role: str = "member") -> User:
        user = get_user_model().objects.create_user(name, f"{name}@example.org", PASSWORD)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def member(make_user: Callable[..., User]) -> User:
    return make_user("member", "member")


@pytest.fixture
def curator(make_user: Callable[..., User]) -> User:
    return make_user("curator", "curator")


@pytest.fixture
def administrator(make_user: Callable[..., User]) -> User:
    user = make_user("administrator", "administrator")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def member_client(member: User) -> Client:
    return _signed_in(member)


@pytest.fixture
def curator_client(curator: User) -> Client:
    return _signed_in(curator)


@pytest.fixture
def administrator_client(administrator: User) -> Client:
    return _signed_in(administrator)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"needs Debian's chromium at {CHROMIUM} (apt-get install chromium)")
    with sync_playwright() as playwright:
        # Playwright keeps an event loop running in this thread, and Django then refuses to touch
        # the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of a new browser profile on the site's own address: `page.goto("/")`."""
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.fixture
def sign_in(page: Page) -> Callable[[User], None]:
    """`sign_in(member)`: through the form, as a person does."""

    def through_the_form(user: User) -> None:
        page.goto("/accounts/login/")
        page.fill("input[name=username]", user.get_username())
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/accounts/login" not in address)

    return through_the_form
