"""Where a device is: `tcp://host:port`, `tls://host:port?fingerprint=...`, `serial:///dev/ttyUSB0?baudrate=9600`,
`file:///dev/usb/lp0`, `sim://name`, `usb://vid:pid/serial?path=bus-port&interface=n`, `hid://vid:pid/serial` or
`hid:///dev/hidraw0`, `evdev:///dev/input/...`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from edge_hub.errors import Invalid, Param, at

SCHEMES = ("tcp", "tls", "serial", "usb", "hid", "evdev", "file", "sim")
NETWORK_SCHEMES = ("tcp", "tls")
USB_OPTIONS = frozenset({"path", "interface"})
URL_LENGTH_MAX = 512
PORT_MAX = 65535
INTERFACE_MAX = 255
_IDS = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})\Z")
_PORT_PATH = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*\Z")


class BadUrl(Invalid):
    """A device URL the hub cannot use; the fault says why and never repeats a password."""

    code = "device-url-invalid"
    title = "The device's address is not valid."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUrl:
    """A URL taken apart. `name` is the host (tcp, tls), the path (serial, file, evdev, hid), the simulator's name
    (sim) or, of what is known by its USB numbers (usb, hid), `vid:pid` and perhaps `/serial`.
    """

    scheme: str
    name: str
    port: int = 0
    options: dict[str, str] = field(default_factory=dict)

    @property
    def public(self) -> str:
        """For people, logs and the API: without options, which are the only place a secret could be."""
        if self.scheme in NETWORK_SCHEMES:
            host = f"[{self.name}]" if ":" in self.name else self.name
            return f"{self.scheme}://{host}:{self.port}"
        return f"{self.scheme}://{self.name}"


def bad_url(code: str, message: str, /, *, why: str = "", **params: Param) -> BadUrl:
    """The error for one fault of a URL; `why` defaults to the fault's code."""
    return at("/url", code, BadUrl(message, why=why or code, faults=(), **params))


def other_scheme(driver: str, schemes: Iterable[str], url: DeviceUrl) -> BadUrl:
    """The error for a wire that the driver does not speak on."""
    template, known = "{driver} is reached by {known}, not {scheme}", ", ".join(schemes)
    return bad_url("scheme", template, why="other-scheme", driver=driver, known=known, scheme=url.scheme)


def public_url(url: str) -> str:
    """`url` as it may be shown, even when it is malformed: what could be a secret is left out."""
    try:
        return parse_url(url).public
    except BadUrl:
        scheme = url.partition("://")[0]
        return f"{scheme}://..." if scheme in SCHEMES else ""


def parse_url(url: str) -> DeviceUrl:
    """Take a device URL apart; raises BadUrl."""
    if len(url) > URL_LENGTH_MAX:
        raise bad_url("too-long", "a device URL has at most {limit} characters", limit=URL_LENGTH_MAX)
    if any(ord(character) <= ord(" ") for character in url):
        raise bad_url("whitespace", "a device URL has no spaces or control characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise bad_url("malformed", "the device URL cannot be read") from None
    if parts.scheme not in SCHEMES or not url.lower().startswith(f"{parts.scheme}://"):
        raise bad_url(
            "scheme", "a device URL starts with one of {schemes}", schemes=", ".join(f"{name}://" for name in SCHEMES)
        )
    if "@" in parts.netloc:
        raise bad_url("credentials", "a device URL carries no user name or password")
    if parts.fragment:
        raise bad_url("fragment", "a device URL has no # part")
    options = _options(parts.query)
    named = {"tcp": _network, "tls": _network, "sim": _sim, "usb": _usb} | ({"hid": _usb} if parts.netloc else {})
    if parts.scheme in named:
        return named[parts.scheme](parts, options)
    if parts.netloc or not parts.path.startswith("/") or parts.path.endswith("/"):
        raise bad_url(
            "path", "{scheme}:// is followed by an absolute path, as in {scheme}:///dev/...", scheme=parts.scheme
        )
    return DeviceUrl(scheme=parts.scheme, name=parts.path, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbPlace:
    """Which USB device: numbers, and what tells it from its twins. `path` is the port ("1-1.2"); "", -1: any."""

    vendor: int
    product: int
    serial: str = ""
    path: str = ""
    interface: int = -1


def usb_place(url: DeviceUrl) -> UsbPlace:
    """The device that a `usb://vid:pid` or `hid://vid:pid` URL means; raises BadUrl."""
    only_options(url, USB_OPTIONS)
    ids, _, serial = url.name.partition("/")
    found = _IDS.match(ids)
    if found is None:
        raise bad_url(
            "ids", "{scheme}:// is followed by vendor and product, as in {scheme}://04b8:0202", scheme=url.scheme
        )
    path, interface = url.options.get("path", ""), url.options.get("interface", "-1")
    if path and not _PORT_PATH.match(path):
        raise bad_url("path", "path is a bus and its ports, as in path=1-1.2", why="usb-path")
    if interface != "-1" and not (interface.isascii() and interface.isdigit() and int(interface) <= INTERFACE_MAX):
        raise bad_url("interface", "interface is a number from 0 to {limit}", limit=INTERFACE_MAX)
    return UsbPlace(
        vendor=int(found[1], 16), product=int(found[2], 16), serial=serial, path=path, interface=int(interface)
    )


def flag(url: DeviceUrl, name: str) -> bool:
    """The option `name` of `url` as yes or no, no when it is absent; raises BadUrl."""
    value = url.options.get(name, "false")
    if value not in ("true", "false"):
        raise bad_url(name, "{name} is true or false", why="flag", name=name)
    return value == "true"


def only_options(url: DeviceUrl, known: frozenset[str]) -> None:
    """Refuse an option that nobody would read; raises BadUrl."""
    unknown = sorted(url.options.keys() - known)
    if unknown:
        if not known:
            template = "{scheme}:// does not know {option!r}; it takes no options"
            raise bad_url("unknown-option", template, why="no-options", scheme=url.scheme, option=unknown[0])
        template, may = "{scheme}:// does not know {option!r}; it knows {known}", ", ".join(sorted(known))
        raise bad_url("unknown-option", template, scheme=url.scheme, option=unknown[0], known=may)


def _options(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise bad_url("query", "the options after ? are written as name=value&name=value") from None
    options = dict(pairs)
    if len(options) != len(pairs):
        raise bad_url("query", "an option is given twice", why="twice")
    return options


def _network(parts: SplitResult, options: dict[str, str]) -> DeviceUrl:
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise bad_url("port", "the port is a number from 1 to {limit}", limit=PORT_MAX) from None
    if not host:
        raise bad_url("host", "{scheme}:// is followed by a host name or address", scheme=parts.scheme)
    if not port:
        raise bad_url(
            "port", "{scheme}:// needs a port, as in tcp://printer:9100", why="port-missing", scheme=parts.scheme
        )
    if parts.path not in ("", "/"):
        raise bad_url("path", "{scheme}:// takes no path", why="no-path", scheme=parts.scheme)
    return DeviceUrl(scheme=parts.scheme, name=host, port=port, options=options)


def _sim(parts: SplitResult, options: dict[str, str]) -> DeviceUrl:
    name = parts.netloc
    if not name or parts.path not in ("", "/") or not all(letter.isalnum() or letter in "-_." for letter in name):
        raise bad_url("name", "sim:// is followed by a name of letters, digits, - _ and .")
    return DeviceUrl(scheme="sim", name=name, options=options)


def _usb(parts: SplitResult, options: dict[str, str]) -> DeviceUrl:
    serial = unquote(parts.path.removeprefix("/"))
    url = DeviceUrl(
        scheme=parts.scheme,
        name=f"{parts.netloc.lower()}/{serial}" if serial else parts.netloc.lower(),
        options=options,
    )
    usb_place(url)
    return url
