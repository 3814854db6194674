"""`manage.py predict` on Parquet: here, or on a Dask cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from predictions.management.commands._answering import (
    UNUSABLE_FILE,
    find_version,
    load_classifier,
    print_doubts,
    summary,
)

if TYPE_CHECKING:
    from distributed import Client


def is_harmonised(source: Path) -> bool:
    """Whether it is Parquet with the template's columns, or a folder; any other Parquet file is a
    table like others."""
    if source.is_dir():
        return True
    if source.suffix != ".parquet" or not source.is_file():
        return False
    from predictions.parquet import has_template_columns

    return has_template_columns(source)


def parquet_predict(
    command: BaseCommand, source: Path, target: Path, options: dict[str, Any]
) -> None:
    from predictions.parquet import parts_doubts, parts_of, score_here, score_on

    check_parquet(source, target, options)
    version = find_version(options["model_version"])
    classifier = load_classifier(version)
    counts: Counter[str] = Counter()
    with folder_when_complete(target) as draft:
        parts = parts_of(source, draft)
        print_doubts(command, parts_doubts(parts), strict=options["strict"])
        if options["dask"]:
            with cluster(options["dask"]) as client:
                for found in score_on(client, parts, classifier, version.name):
                    counts += found
        else:
            for found in score_here(parts, classifier, version.name):
                counts += found
    command.stderr.write(summary(counts.total(), counts, target))


def check_parquet(source: Path, target: Path, options: dict[str, Any]) -> None:
    problem = ""
    if not source.exists():
        problem = f"There is no {source}."
    elif target.exists():
        problem = f"{target} is there already; name a folder that is to be made."
    elif not target.absolute().parent.is_dir():
        problem = f"There is no folder {target.absolute().parent} to write into."
    elif options["explain"] or options["mission"]:
        problem = (
            "--explain and --mission are for other tables: rows in the template's columns name"
            " their mission, and in Parquet get no contributions."
        )
    if problem:
        raise CommandError(problem, returncode=UNUSABLE_FILE)


@contextmanager
def cluster(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError as error:
        raise CommandError(
            "--dask needs Dask, which is not installed: pip install -r requirements-cluster.txt (on"
            " the workers too)."
        ) from error
    try:
        client = Client(address, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise CommandError(
            f"No Dask scheduler answers at {address}. Start one with “dask scheduler” and workers"
            " with “dask worker”."
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise CommandError(
                f"The Dask scheduler at {address} has no workers; start some with “dask worker”."
            )
        yield client


@contextmanager
def folder_when_complete(target: Path) -> Iterator[Path]:
    """A folder that takes its name only once all of it is written."""
    draft = target.with_name(f".{target.name}.{token_hex(4)}.part")
    draft.mkdir()
    try:
        yield draft
        draft.rename(target)
    finally:
        rmtree(draft, ignore_errors=True)
