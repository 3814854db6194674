"""The words of the site."""

import re

import pytest
from django.test import Client

from predictions.pages.glossary import TERMS
from tests.conftest import PROJECT
from training.ml.schema import FEATURES

pytestmark = pytest.mark.django_db


def test_it_can_be_read_without_signing_in_and_defines_every_term_and_input(client: Client) -> None:
    response = client.get("/glossary/")
    html = response.content.decode()
    assert response.status_code == 200
    for term in (term for chapter in TERMS for term in chapter.terms):
        assert f'<div id="{term.key}">' in html
    for feature in FEATURES:
        assert f'<tr id="{feature.name}">' in html


def test_every_link_into_it_has_a_target() -> None:
    keys = {term.key for chapter in TERMS for term in chapter.terms}
    templates = "\n".join(path.read_text() for path in (PROJECT / "templates").rglob("*.html"))
    wanted = set(re.findall(r"(?:\{% url 'glossary' %\}|\{\{ glossary \}\})#([\w-]+)", templates))
    assert len(wanted) > 10
    assert wanted <= keys


def test_no_term_is_defined_twice() -> None:
    keys = [term.key for chapter in TERMS for term in chapter.terms]
    assert len(keys) == len(set(keys))
