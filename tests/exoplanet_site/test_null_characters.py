"""An address that holds NUL names nothing: PostgreSQL would fail on it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.test_access import AUDIENCE

NAMED = sorted(route for route in AUDIENCE if "<str:" in route)


@pytest.mark.django_db
def test_it_is_not_found(administrator_client: Client) -> None:
    assert len(NAMED) > 5
    for route in NAMED:
        parts = [
            f"a%00{n}" if part.startswith("<") else part for n, part in enumerate(route.split("/"))
        ]
        address = "/" + "/".join(parts)
        assert administrator_client.get(address).status_code in (404, 405), address
    for query in ("q=%00", "q=a%00b", "mission=%00"):
        for page in ("/catalogue/", "/catalogue/find/", "/predictions/", "/model/time-machine/"):
            assert administrator_client.get(f"{page}?{query}").status_code < 500, (page, query)
