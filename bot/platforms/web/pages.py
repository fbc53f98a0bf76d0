"""The page's own files: only those that lie beside this module, found once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Pages:
    """Serves two pages and their assets."""

    def __init__(self, folder: Path = Path(__file__).parent) -> None:
        self._folder = folder
        self._assets: Mapping[str, Path] = {
            path.name: path for path in folder.iterdir() if path.suffix in TYPES and path.is_file()
        }

    def add_to(self, app: web.Application) -> None:
        """Serve `/`, `/local/gallery` and `/local/assets/…`."""
        app.router.add_get("/", self._chat)
        app.router.add_get("/local/gallery", self._gallery)
        app.router.add_get("/local/assets/{name}", self._asset)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return self._file(self._folder / "page.html", "text/html")

    async def _gallery(self, request: web.Request) -> web.StreamResponse:
        return self._file(self._folder / "gallery.html", "text/html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        path = self._assets.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return self._file(path, TYPES[path.suffix])

    @staticmethod
    def _file(path: Path, kind: str) -> web.StreamResponse:
        return web.FileResponse(path, headers={"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-cache"})
