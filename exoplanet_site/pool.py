"""The connections that the threads of one web process share."""

from __future__ import annotations

from typing import Any


def pool_connections(database: dict[str, Any], size: int) -> None:
    """Let PostgreSQL's connections come from a pool of at most `size`; 0 leaves each thread its
    own.

    SQLite's are each thread's own, kept for a minute: to open one for every request cost a sixth of
    a prediction's time. A file that somebody has replaced is noticed after that minute.
    """
    if database["ENGINE"].endswith("sqlite3"):
        database["CONN_MAX_AGE"] = 60
    if not size or not database["ENGINE"].endswith("postgresql"):
        return
    # The pool keeps connections open by itself, and looks whether each still lives before it hands
    # it out. A database that is away is asked for anew with the next request, and not after pauses
    # that grow to minutes.
    database["CONN_MAX_AGE"] = 0
    database.setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": size,
        "timeout": 5,
        "reconnect_timeout": 5,
    }
