"""Every VOTable of the site has units and UCDs, and tools of the Virtual Observatory find nothing
wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from predictions.answers import ANSWER_COLUMNS
from predictions.batches.downloads import votable_bytes
from predictions.batches.models import Batch
from predictions.catalogue.columns import COLUMNS
from predictions.catalogue.models import CatalogueTable
from predictions.signals.contributions import reason_columns
from predictions.vo_terms import ANSWER_UCDS, FEATURE_UCDS, VOUNITS, answer_ucd, unit_of_votable
from tests.predictions.conftest import kepler_csv
from tests.predictions.virtual_observatory.lint import fields, known
from training.ml.schema import FEATURES
from training.ml.tables.unit_words import measure_of

pytestmark = pytest.mark.django_db
UNITLESS = {"", "light-years"}
"""Our own reader of tables knows no other word for the second."""


def test_every_input_and_answer_has_a_word_and_every_unit_another() -> None:
    assert set(FEATURE_UCDS) == {feature.name for feature in FEATURES}
    assert set(ANSWER_UCDS) == set(ANSWER_COLUMNS)
    words = {*FEATURE_UCDS.values(), *ANSWER_UCDS.values(), *(c.ucd for c in COLUMNS)}
    assert [word for word in words if not known(word)] == []
    assert {feature.unit for feature in FEATURES} - set(VOUNITS) == {""}
    assert {answer_ucd(name) for name in reason_columns(2)} == {
        "meta.note",
        "stat.value",
        "stat.weight",
    }


@pytest.mark.parametrize("unit", sorted(set(VOUNITS) - UNITLESS))
def test_what_is_written_is_read_as_the_same_unit(unit: str) -> None:
    assert measure_of(str(unit_of_votable(unit))) == measure_of(unit) is not None


def test_a_classified_table_is_clean(make_batch: Callable[..., Batch]) -> None:
    document = b"".join(votable_bytes(make_batch(kepler_csv(), done=True)))
    told = {field.name: (str(field.ucd), str(field.unit)) for field in fields(document)}
    assert told["koi_period"] == ("time.period", "d")
    assert told["koi_prad"] == ("phys.size.radius", "earthRad")
    assert told["koi_depth"] == ("phot.flux;arith.ratio;obs.transit", "ppm")
    assert told["koi_period_err1"][0] == "stat.error;time.period"
    assert told["p_confirmed"][0] == "stat.probability"
    assert told["model_version"][0] == "meta.version;meta.software"


def test_a_list_of_the_catalogue_is_clean(member_client: Client, catalogue: CatalogueTable) -> None:
    document = member_client.get("/catalogue/signals.votable?show=all").getvalue()
    assert all(field.ucd for field in fields(document))
    assert b'value="doi:10.26133/NEA4"' in document
