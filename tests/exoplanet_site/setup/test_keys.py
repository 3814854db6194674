import stat
import subprocess
import sys
import time
from pathlib import Path

from exoplanet_site.keys import key_read_or_create
from tests.conftest import PROJECT


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"
    key = key_read_or_create(path)
    assert len(key) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_read_or_create(path) == key
    assert list(path.parent.iterdir()) == [path]


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    assert key_read_or_create(tmp_path / "a") != key_read_or_create(tmp_path / "b")


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from exoplanet_site.keys import"
        " key_read_or_create; time.sleep(max(0, float(sys.argv[2]) - time.time()));"
        " print(key_read_or_create(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "together" / "key"), str(time.time() + 1)]
    started = [
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    keys = {process.communicate()[0].strip() for process in started}
    assert len(keys) == 1
    assert keys != {""}
    assert [path.name for path in (tmp_path / "together").iterdir()] == ["key"]
