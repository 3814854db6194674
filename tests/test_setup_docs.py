import re

from tests.conftest import PROJECT


def variables_read() -> set[str]:
    settings = (PROJECT / "exoplanet_site" / "settings.py").read_text()
    serve = (PROJECT / "exoplanet_site" / "serve.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"(\w+)"', settings)) | set(re.findall(r'environ\.get\("(\w+)"\)', serve))


def variables_documented() -> set[str]:
    rows = re.findall(r"^\| (`[^|]+`) \|", (PROJECT / "docs" / "deployment.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert len(variables_read()) > 20
    assert variables_documented() == variables_read()
