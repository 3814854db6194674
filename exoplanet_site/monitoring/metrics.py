"""/metrics for Prometheus. Requests and answers are counted by each process; the rest is asked of
the database."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Final

from django.db import Error
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_q.models import OrmQ
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from exoplanet_site.monitoring.readiness import queue_ages
from predictions.batches.models import BatchChunk
from predictions.signals import counting
from training.models import TrainingRun

REQUESTS: Final = Counter("exoplanet_requests", "Requests answered.", ("method", "view", "status"))
LATENCY: Final = Histogram(
    "exoplanet_request_seconds", "From the first middleware to the answer.", ("view",)
)
PREDICTIONS: Final = Counter(
    "exoplanet_predictions", "Answers to single signals.", ("disposition", "version")
)


def _prediction_counted(disposition: str, version: str) -> None:
    PREDICTIONS.labels(disposition, version).inc()


counting.listeners.append(_prediction_counted)


def watched(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def answer(request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = get_response(request)
        # The route and never the path: every name in a path would make a time series of its own.
        view = request.resolver_match.route if request.resolver_match else "none"
        method = (
            request.method
            if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            else "other"
        )
        REQUESTS.labels(method, view, response.status_code).inc()
        LATENCY.labels(view).observe(time.perf_counter() - begun)
        return response

    return answer


class DatabaseCollector(Collector):
    """What all processes of all hosts share: queues, batches and trainings."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            yield from (
                queue_length(),
                queue_age(),
                batch_rows(),
                training_runs(),
                training_stage(),
            )
        except Error:
            return  # what was counted in this process is told all the same


def queue_length() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "exoplanet_queue_tasks", "Tasks that wait or are being worked at.", labels=["queue"]
    )
    lengths = {"batches": 0, "training": 0} | dict(
        OrmQ.objects.values_list("key").annotate(Count("pk"))
    )
    for queue, tasks in lengths.items():
        family.add_metric([queue], tasks)
    return family


def queue_age() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "exoplanet_queue_age_seconds", "Waiting time of the oldest task.", labels=["queue"]
    )
    for queue, seconds in ({"batches": 0.0, "training": 0.0} | queue_ages()).items():
        family.add_metric([queue], seconds)
    return family


def batch_rows() -> GaugeMetricFamily:
    family = GaugeMetricFamily("exoplanet_batch_rows", "Rows of kept batches.", labels=["status"])
    rows = dict(BatchChunk.objects.order_by().values_list("status").annotate(Sum("rows")))
    for status in BatchChunk.Status.values:
        family.add_metric([status], rows.get(status) or 0)
    return family


def training_runs() -> GaugeMetricFamily:
    family = GaugeMetricFamily("exoplanet_training_runs", "Training runs.", labels=["status"])
    runs = dict(TrainingRun.objects.order_by().values_list("status").annotate(Count("pk")))
    for status in TrainingRun.Status.values:
        family.add_metric([status.lower()], runs.get(status, 0))
    return family


def training_stage() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "exoplanet_training_stage",
        "Progress, 0 to 1, of each training under way.",
        labels=["run", "stage"],
    )
    for pk, stage, progress in TrainingRun.objects.open().values_list("pk", "stage", "progress"):
        family.add_metric([str(pk), stage or "waiting"], progress)
    return family


def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # the sums of this server's processes
    else:
        for family in (REQUESTS, LATENCY, PREDICTIONS):
            registry.register(family)
    registry.register(DatabaseCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
