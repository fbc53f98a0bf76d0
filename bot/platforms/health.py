"""What an operator's tools ask: alive, ready, and how it is going."""

from __future__ import annotations

import hmac
import ipaddress
from http import HTTPStatus

from aiohttp import web

from bot.delivery import Worker
from bot.ports import Store


class HealthEdge:
    """Serves /healthz, /readyz and /metrics; without *metrics_token*, loopback peers alone may read the metrics."""

    def __init__(self, worker: Worker, store: Store, metrics_token: str) -> None:
        self._worker = worker
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
        facts = {"store": self._store.healthy, "worker": self._worker.healthy}
        status = HTTPStatus.OK if all(facts.values()) else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"ready": all(facts.values()), **facts}, status=status)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._may_read(request):
            return web.json_response({"error": "Not for you."}, status=HTTPStatus.FORBIDDEN)
        rows = (
            ("smpolicy_jobs_delivered_total", "counter", "Jobs done since the start.", self._worker.delivered),
            ("smpolicy_job_failures_total", "counter", "Tries that failed since the start.", self._worker.failed),
            ("smpolicy_jobs_given_up_total", "counter", "Jobs that could not be delivered.", self._worker.given_up),
            ("smpolicy_store_up", "gauge", "Whether the store's last write worked.", int(self._store.healthy)),
            ("smpolicy_worker_up", "gauge", "Whether the worker's last pass went through.", int(self._worker.healthy)),
        )
        text = "".join(
            f"# HELP {name} {words}\n# TYPE {name} {kind}\n{name} {value}\n" for name, kind, words, value in rows
        )
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    def _may_read(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "")
            return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())
        try:
            return ipaddress.ip_address(request.remote or "").is_loopback
        except ValueError:
            return False
