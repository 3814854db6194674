"""What a process loads before it is asked for anything: no library that costs seconds."""

from pathlib import Path
from typing import Final

from tests.conftest import printed_by

HEAVY: Final = (
    "astropy",
    "dask",
    "imblearn",
    "joblib",
    "lightgbm",
    "matplotlib",
    "numba",
    "openpyxl",
    "pandas",
    "pyarrow",
    "scipy",
    "shap",
    "sklearn",
)
LOADED: Final = f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"


def test_a_web_process_loads_no_heavy_library(tmp_path: Path) -> None:
    code = f"import sys; import exoplanet_site.wsgi, exoplanet_site.urls; {LOADED}"
    assert printed_by(code, tmp_path) == "[]"


def test_a_worker_that_waits_loads_no_heavy_library(tmp_path: Path) -> None:
    """Nor do the tasks of every minute, where there is nothing to clean up."""
    code = f"""
import sys, django; django.setup()
from django.core.management import call_command, load_command_class
load_command_class("training", "work")
call_command("migrate", verbosity=0)
import training.background.worker, training.tasks, predictions.batch_tasks
training.tasks.clean_up(); predictions.batch_tasks.clean_up()
{LOADED}
"""
    assert printed_by(code, tmp_path) == "[]"


def test_pages_of_a_new_site_load_no_heavy_library(tmp_path: Path) -> None:
    code = f"""
import sys, django; django.setup()
from django.core.management import call_command
from django.test import Client
from training.accounts.services import first_administrator_create
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
first_administrator_create()
from django.contrib.auth.models import User
visitor = Client(headers={{"host": "localhost"}})
assert visitor.get("/accounts/login/").status_code == 200
visitor.force_login(User.objects.get())
pages = "/", "/classify/", "/batches/", "/datasets/", "/model-versions/", "/model/"
assert [visitor.get(page).status_code for page in pages] == [200] * len(pages)
{LOADED}
"""
    assert printed_by(code, tmp_path) == "[]"


def test_a_prediction_and_its_count_load_no_frames(tmp_path: Path) -> None:
    """What is counted is written with one of the next predictions, which must not wait for it."""
    code = """
import sys, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from predictions.signals.services import signal_classify
from training.ml.inputs import parse_signal
from training.models import InputCount
from training.versions.drift import input_counts_write
signal = parse_signal(
    {"mission": "Kepler", "orbital_period": 9.5, "transit_duration": 3, "transit_depth": 600}
)
assert signal_classify(signal).explanation is not None
input_counts_write()
assert InputCount.objects.get().signals == 1
print(sorted({"pandas", "pyarrow", "sklearn", "scipy"} & set(sys.modules)))
"""
    assert printed_by(code, tmp_path) == "[]"
