"""What an operator's tools ask: alive, ready, and how it is going."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from aiohttp import web

from bot.delivery import Worker
from bot.ports import Store


class HealthEdge:
    """Serves /healthz, /readyz and /metrics of a deployment, which has one school or several.

    Without *metrics_token*, loopback peers alone may read the metrics; *workers* is school to worker.
    """

    def __init__(self, workers: Mapping[str, Worker], store: Store, metrics_token: str) -> None:
        self._workers = workers
        self._store = store
        self._token = metrics_token

    def add_to(self, app: web.Application) -> None:
        """Serve in *app*."""
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _alive(self, request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, request: web.Request) -> web.Response:
        facts = {"store": self._store.healthy, "worker": not self._unwell}
        ready = all(facts.values())
        # Of one school it goes without saying.
        named = {"unwell": self._unwell} if self._unwell and len(self._workers) > 1 else {}
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"ready": ready, **facts, **named}, status=status)

    @property
    def _unwell(self) -> list[str]:
        return [school for school, worker in self._workers.items() if not worker.healthy]

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._may_read(request):
            return web.json_response({"error": "Not for you."}, status=HTTPStatus.FORBIDDEN)
        lines = [*self._rows(), *(self._rows_by_school() if len(self._workers) > 1 else ())]
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(text="".join(f"{line}\n" for line in lines), headers=headers)

    def _rows(self) -> Iterable[str]:
        """Return what holds for all schools together."""
        workers = self._workers.values()
        delivered, failed = sum(each.delivered for each in workers), sum(each.failed for each in workers)
        given_up = sum(each.given_up for each in workers)
        rows = (
            ("jobs_delivered_total", "counter", "Jobs done since the start.", delivered),
            ("job_failures_total", "counter", "Tries that failed since the start.", failed),
            ("jobs_given_up_total", "counter", "Jobs that could not be delivered.", given_up),
            ("store_up", "gauge", "Whether the store's last write worked.", int(self._store.healthy)),
            ("worker_up", "gauge", "Whether the worker's last pass went through.", int(not self._unwell)),
        )
        for name, kind, words, value in rows:
            yield from (*_head(name, kind, words), f"smpolicy_{name} {value}")

    def _rows_by_school(self) -> Iterable[str]:
        """Return the same by school, under other names, because one name's rows are summed."""
        rows = (
            ("school_jobs_delivered_total", "counter", "Jobs done since the start.", lambda each: each.delivered),
            ("school_job_failures_total", "counter", "Tries that failed since the start.", lambda each: each.failed),
            ("school_jobs_given_up_total", "counter", "Jobs that could not be delivered.", lambda each: each.given_up),
            ("school_worker_up", "gauge", "Whether its last pass went through.", lambda each: int(each.healthy)),
        )
        for name, kind, words, value in rows:
            yield from _head(name, kind, words)
            for school, worker in self._workers.items():
                yield f'smpolicy_{name}{{school="{school}"}} {value(worker)}'

    def _may_read(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "")
            return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())
        try:
            return ipaddress.ip_address(request.remote or "").is_loopback
        except ValueError:
            return False


def _head(name: str, kind: str, words: str) -> tuple[str, str]:
    return f"# HELP smpolicy_{name} {words}", f"# TYPE smpolicy_{name} {kind}"
