"""Every error that a user can cause: built from facts, saying what is wrong, where, and what to do
next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar


class UserError(Exception):
    """The message is one or more full sentences for the person who caused it; ``code`` is for
    programs."""

    code: ClassVar[str] = "user_error"

    @property
    def message(self) -> str:
        return str(self)


class InvalidSignal(UserError):
    """One signal that cannot be classified; ``fields`` holds the sentences per schema name."""

    code = "invalid_signal"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields: dict[str, list[str]] = {
            name: list(sentences) for name, sentences in fields.items()
        }
        super().__init__(
            " ".join(sentence for sentences in self.fields.values() for sentence in sentences)
        )


class TableError(UserError):
    """A table that cannot be read at all."""

    code = "invalid_table"


class NoSignalColumns(TableError):
    """The table is readable, but nothing in it says where the signals are."""

    code = "no_signal_columns"

    def __init__(
        self, missing: Iterable[str], columns: Sequence[str] = (), wanted: str = ""
    ) -> None:
        self.missing = tuple(dict.fromkeys(missing))
        self.columns = tuple(columns)
        none_of = join_words(self.missing, "nor")
        has = f"{'neither ' if len(self.missing) > 1 else 'no '}{none_of}"
        as_what = f" as {wanted} has" if wanted else ""
        super().__init__(
            f"This table has {has}{as_what}; map its columns or choose another mission."
        )


class UnknownMission(TableError):
    code = "unknown_mission"

    def __init__(self, text: str, known: Iterable[str]) -> None:
        super().__init__(
            f"“{shorten(text)}” is not a mission; choose one of {join_words(list(known), 'or')}."
        )


class DuplicateColumns(TableError):
    code = "duplicate_columns"

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        word, verb = ("column", "stands") if len(columns) == 1 else ("columns", "stand")
        super().__init__(
            f"The {word} {join_words(columns)} {verb} more than once in the header; "
            "rename or remove the repetition, so that it is clear which one counts."
        )


class EmptyTable(TableError):
    code = "empty_table"

    def __init__(self, why: str = "The file is empty.") -> None:
        super().__init__(f"{why} Upload a table with a header line and at least one row.")


class HeaderNotFirst(TableError):
    """Rows stand before the line that names the columns;
    leaving them out unsaid would lose them."""

    code = "header_not_first"

    def __init__(self, header_line: int, row_line: int) -> None:
        super().__init__(
            f"The column names stand in line {header_line:,} of the file, but line {row_line:,}"
            " already looks like a row; move the column names to the top."
        )


class NotATable(TableError):
    """A web page, an XML document, a picture … with the name of a table."""

    code = "not_a_table"

    def __init__(
        self, what: str, advice: str = "Upload the table itself as CSV, .csv.gz or TSV."
    ) -> None:
        super().__init__(f"This file is {what}, not a table. {advice}".rstrip())


class ArchiveErrorDocument(NotATable):
    code = "archive_error_document"

    def __init__(self, said: str) -> None:
        self.said = said
        says = f" that says “{shorten(said, 300)}”" if said else ""
        super().__init__(
            f"an error document of the archive{says}",
            "Repeat the download and upload the table that it then gives.",
        )


class WrongEncoding(TableError):
    code = "wrong_encoding"

    def __init__(self, line: int | None, detail: str) -> None:
        self.line = line
        where = "The text" if line is None else f"Line {line:,}"
        super().__init__(
            f"{where} of the file {detail}; save the table as UTF-8 text and try again."
        )


class DamagedFile(TableError):
    code = "damaged_file"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} Make or download the file again; it may have been cut off on its way."
        )


class FileNotReadable(TableError):
    code = "file_not_readable"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The file {name} cannot be read ({reason}); check its name, place and permissions."
        )


class TooLarge(TableError):
    """A limit was passed; says which, at what value, and where."""

    code = "table_too_large"

    def __init__(self, what: str, limit: int, unit: str, advice: str) -> None:
        self.limit, self.unit = limit, unit
        super().__init__(f"{what} The limit is {limit:,} {unit}. {advice}")


class InvalidMapping(TableError):
    code = "invalid_mapping"

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(sentences))


class ArtifactError(UserError):
    """An artifact that must not be used; the file stays where it is."""

    code = "artifact_unusable"


class ArtifactDamaged(ArtifactError):
    code = "artifact_damaged"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The artifact is damaged: {what}. Restore it from a backup or train a new version."
        )


class ArtifactForged(ArtifactError):
    code = "artifact_signature"

    def __init__(self) -> None:
        super().__init__(
            "The artifact's signature does not fit this installation's signing key; it was not"
            " loaded. Put the original files or the original ARTIFACT_SIGNING_KEY back."
        )


class ArtifactIncompatible(ArtifactError):
    code = "artifact_incompatible"

    def __init__(self, fact: str, found: object, expected: object) -> None:
        super().__init__(
            f"The artifact's {fact} is {found}, but this version of the site needs {expected}. "
            "Put the version that came with the site in service, train a new one, or run the"
            " version of the site that made it."
        )


def join_words(words: Sequence[str], conjunction: str = "and") -> str:
    """“a”, “a and b”, “a, b and c”."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def shorten(text: str, length: int = 60) -> str:
    """The beginning of ``text`` on one line, for quoting what a file or a person said."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


class HistoryIsKept(TypeError):
    """What was once said stays said."""
