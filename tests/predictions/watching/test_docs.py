"""What docs/watching.md shows receivers is true."""

from __future__ import annotations

import re
import time
from typing import Any

from predictions.watching.deliveries import MOST_ATTEMPTS, PAUSES
from predictions.watching.models import News
from predictions.watching.signing import secret_made, signed_headers
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs/watching.md").read_text(encoding="utf-8")


def test_its_receiver_knows_our_requests() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    secret, body, now = secret_made("a"), b'{"a": 1}', int(time.time())
    headers = signed_headers(secret, "msg_1", now, body)
    assert names["is_ours"](secret, headers, body)
    assert not names["is_ours"](secret, headers, body + b" ")
    assert not names["is_ours"](secret_made("b"), headers, body)
    assert not names["is_ours"](secret, signed_headers(secret, "msg_1", now - 400, body), body)
    assert not names["is_ours"](secret, headers | {"webhook-timestamp": str(now + 1)}, body)


def test_it_names_each_kind_of_news_and_when_messages_are_sent_again() -> None:
    assert [kind for kind in News.Kind.values if f"`{kind}`" not in PAGE] == []
    minutes = [int(pause.total_seconds() // 60) for pause in PAUSES]
    assert minutes == [1, 5, 15, 60, 180, 360, 720, 1440]
    assert MOST_ATTEMPTS == 9
    words = " ".join(PAGE.split())
    assert "after 1, 5 and 15 minutes, 1, 3, 6, 12 and 24 hours: nine attempts in all" in words
