"""What a table may hold at most;
each limit is checked while reading, before the memory is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_ROWS: Final = 1_000_000
MAX_BYTES: Final = (
    4 * 1024**3
)  # after decompression; a million rows of the widest table are about 3 GB
MAX_COMBINED_ROWS: Final = (
    100_000  # where several rows make one signal, all of them are in memory at once
)
MAX_COLUMNS: Final = 2_000
MAX_FIELD: Final = 100_000  # characters in one cell
MAX_BLOCK: Final = 48 * 1024**2  # bytes that the text of one block of rows takes in memory
MAX_HEAD: Final = 8 * 1024**2  # bytes of comments, prose and blank lines before the column names
MAX_DESCRIPTION: Final = 1024**2  # bytes of a header that says what each column is; of YAML, half


@dataclass(frozen=True)
class Limits:
    rows: int = MAX_ROWS
    bytes: int = MAX_BYTES
    columns: int = MAX_COLUMNS
    field: int = MAX_FIELD
    combined_rows: int = MAX_COMBINED_ROWS
    block: int = MAX_BLOCK
    head: int = MAX_HEAD
    description: int = MAX_DESCRIPTION
