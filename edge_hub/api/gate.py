"""Who may speak with the hub at all: names it answers to, pages that may ask, tokens, and how often."""

from collections.abc import Iterable

from aiohttp import web

from edge_hub.api.limits import ADDRESS_RATE_FACTOR, BURST_S, FAILURES_BURST, FAILURES_PER_S, Limits, TokenBuckets
from edge_hub.api.problem import BadHttp, Misdirected, OriginRefused
from edge_hub.clock import Clock
from edge_hub.errors import Limited, Unauthenticated
from edge_hub.services.access.service import Access
from edge_hub.services.principal import Principal, StaffNeeded

TOKEN_CHARACTERS_MAX = 256
NOBODY = Principal()
CONSOLE = Principal(local=True)
DEFAULT_PORTS = {"http": 80, "https": 443}


class Gate:
    """Checks before an endpoint's own. With `local`, everybody is the box's console: the socket's mode guards it."""

    def __init__(
        self,
        access: Access,
        clock: Clock,
        limits: Limits,
        *,
        hostnames: Iterable[str],
        origins: Iterable[str],
        local: bool,
    ) -> None:
        self.limits = limits
        self.local = local
        self.origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self._access = access
        self._clock = clock
        self._names = frozenset(name.lower().rstrip(".") for name in hostnames)
        self._hosts: dict[object, frozenset[str]] = {}
        rate = float(limits.requests_per_s)
        self._clients = TokenBuckets(rate, rate * BURST_S)
        self._addresses = TokenBuckets(rate * ADDRESS_RATE_FACTOR, rate * ADDRESS_RATE_FACTOR * BURST_S)
        self._failures = TokenBuckets(FAILURES_PER_S, FAILURES_BURST)

    def admit(self, request: web.BaseRequest) -> None:
        """Host, Origin and the address's rate. Raises Misdirected, OriginRefused, Limited or BadHttp."""
        if self.local:
            return
        headers = request.headers
        host = headers.get("Host")
        if host is None:
            raise BadHttp("The Host header is missing.", why="no-host")
        host = host.lower()
        if host not in self._allowed(request):
            raise Misdirected(host=host[:TOKEN_CHARACTERS_MAX])
        origin = headers.get("Origin")
        if origin is not None:
            origin = origin.lower()
            if origin != f"{request.scheme}://{host}" and origin not in self.origins:
                raise OriginRefused(origin=origin[:TOKEN_CHARACTERS_MAX])
        wait_s = self._addresses.take(request.remote or "", self._clock.monotonic())
        if wait_s:
            raise Limited(retry_after_s=_whole_s(wait_s))

    async def principal(self, request: web.BaseRequest, auth: str) -> Principal:
        """Who asks. Raises Unauthenticated, StaffNeeded or Limited."""
        if self.local:
            return CONSOLE
        if auth == "none":
            return NOBODY
        who = await self.authenticate(_bearer(request.headers.get("Authorization", "")), request.remote or "")
        if auth == "staff" and who.staff is None:
            raise StaffNeeded
        return who

    async def authenticate(self, token: str, address: str) -> Principal:
        """The client that holds `token`. Raises Unauthenticated or Limited; guesses from one address are slowed."""
        now_s = self._clock.monotonic()
        try:
            who = await self._access.authenticate(token)
        except Unauthenticated:
            wait_s = self._failures.take(address, now_s)
            if wait_s:
                raise Limited(retry_after_s=_whole_s(wait_s)) from None
            raise
        wait_s = self._clients.take(who.client or "", now_s)
        if wait_s:
            raise Limited(retry_after_s=_whole_s(wait_s))
        return who

    def _allowed(self, request: web.BaseRequest) -> frozenset[str]:
        """Values of Host that are right on this connection: the configured names and the very address it came to.

        A page that made a foreign name resolve to this box (DNS rebinding) sends that name, which is neither.
        """
        sockname = request.get_extra_info("sockname")
        allowed = self._hosts.get(sockname)
        if allowed is None:
            address, port = sockname[0], sockname[1]
            names = self._names | {f"[{address}]" if ":" in address else address}
            allowed = frozenset(f"{name}:{port}" for name in names)
            if port == DEFAULT_PORTS[request.scheme]:
                allowed |= names
            self._hosts[sockname] = allowed
        return allowed


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
        raise Unauthenticated
    return token


def _whole_s(seconds: float) -> int:
    return max(1, round(seconds + 0.5))
