import re

from tests.conftest import PROJECT

READERS = (
    "exoplanet_site/settings.py",
    "exoplanet_site/sign_in_settings.py",
    "exoplanet_site/serve.py",
    "exoplanet_site/gunicorn_settings.py",
    "deploy/stack/stack.py",
    "training/background/main_process.py",
    "training/management/commands/work.py",
)


def variables_read() -> set[str]:
    texts = [(PROJECT / name).read_text() for name in READERS]
    found = [re.findall(r'(?:env\.\w+\(\s*|environ\.get\()"(\w+)"', text) for text in texts]
    return {name for names in found for name in names}


def variables_documented() -> set[str]:
    text = (
        (PROJECT / "docs" / "deployment.md")
        .read_text()
        .partition("## Variables")[2]
        .partition("\n## ")[0]
    )
    rows = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert len(variables_read()) > 20
    assert variables_documented() == variables_read()
