"""The pages the hub serves itself: /till/, /console/ and /docs/, small files kept in memory with strong ETags."""

import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from edge_hub.api.problem import NoSuchPath

WEB_ROOT = Path(__file__).resolve().parent.parent / "web"
PAGES = {"till": "till", "console": "console", "docs": "docs", "till/vendor": "vendor", "till/i18n": "i18n"}
"""Where each folder of the pages is served."""
FILE_BYTES_MAX = 4 << 20
FILES_KEPT_MAX = 256
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
TILL_HEADERS = {"Permissions-Policy": "camera=(self), geolocation=(), microphone=()"}
"""The till reads the codes that customers' wallets show."""
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".ico": "image/x-icon",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    etag: str
    content_type: str


def page(name: str, root: Path = WEB_ROOT) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler for `/<name>/{path}`; a folder's own name gives its index.html and nothing lists a folder."""
    folder = (root / name).resolve()
    page_headers = {**PAGE_HEADERS, **(TILL_HEADERS if name == "till" else {})}

    async def static(request: web.Request) -> web.StreamResponse:
        path = request.match_info.get("path", "") or "index.html"
        found = _load(folder, path)
        if found is None:
            raise NoSuchPath
        tag = f'"{found.etag}"'
        headers = {**page_headers, "ETag": tag}
        if tag in {part.strip() for part in request.headers.get("If-None-Match", "").split(",")}:
            return web.Response(status=304, headers=headers)
        return web.Response(body=found.body, headers={**headers, "Content-Type": found.content_type})

    static.__name__ = f"page_{name}"
    return static


def _load(folder: Path, path: str) -> _File | None:
    if "\0" in path or path.startswith("/"):
        return None
    try:
        target = (folder / path).resolve()
        if not target.is_relative_to(folder) or any(part.startswith(".") for part in target.relative_to(folder).parts):
            return None
        status = target.stat()
    except OSError:
        return None
    if not target.is_file() or status.st_size > FILE_BYTES_MAX:
        return None
    return _read(target, status.st_mtime_ns, status.st_size)


@lru_cache(FILES_KEPT_MAX)
def _read(target: Path, _mtime_ns: int, _size: int) -> _File:
    body = target.read_bytes()
    guessed = _TYPES.get(target.suffix) or mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    return _File(body=body, etag=hashlib.sha256(body).hexdigest()[:32], content_type=guessed)


async def to_till(_request: web.Request) -> web.StreamResponse:
    """The root leads to the till."""
    raise web.HTTPFound("/till/")
