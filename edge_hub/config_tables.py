"""The tables of config.toml, field by field: what an operator may write. Documented in docs/configuration.md."""

from ipaddress import ip_network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from edge_hub.domain.money import MINOR_DIGITS

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ShortLine = Annotated[str, StringConstraints(max_length=96)]
Locale = Literal["en", "fi", "zh-TW", "zh-CN"]
Port = Annotated[int, Field(ge=0, le=65535)]
SCHEMES = frozenset({"tcp", "tls", "serial", "usb", "hid", "evdev", "file", "sim"})


def _currency(value: str) -> str:
    if value not in MINOR_DIGITS:
        raise ValueError(f"is not a currency the hub knows: {', '.join(sorted(MINOR_DIGITS))}")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone name (for example Asia/Taipei or Europe/Helsinki)") from error
    return value


def _rate(value: str) -> str:
    digits = value.removesuffix("%").strip()
    whole, _, part = digits.partition(".")
    if not whole.isascii() or not whole.isdigit() or (part and not (part.isascii() and part.isdigit())):
        raise ValueError('is not a rate: write "0.255" or "25.5%"')
    return value


def _url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or not rest or scheme not in SCHEMES:
        raise ValueError(
            "is not an address: tcp://host:9100, tls://host:443, serial:///dev/..., usb://vid:pid, hid://vid:pid, "
            "evdev:///dev/input/..., file:///dev/usb/lp0 or sim://name"
        )
    return value


def _pattern(value: str) -> str:
    if len(value) != EMBEDDED_DIGITS or not value.startswith("P") or value[-1] != "C" or set(value) - set("PIcVC"):
        raise ValueError('is not a layout of 13 digits such as "PPIIIIIVVVVVC": Prefix, Item, c, Value, Check')
    return value


EMBEDDED_DIGITS = 13


class Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class StoreTable(Table):
    id: Identifier
    name: Words
    currency: Annotated[str, AfterValidator(_currency)]
    locale: Locale = "en"
    timezone: Annotated[str, AfterValidator(_timezone)]
    price_list: Annotated[str, StringConstraints(max_length=64)] = ""
    cash_rounding: Annotated[int, Field(ge=1, le=10_000)] = 1
    low_stock_milli: Annotated[int, Field(ge=0)] = 0
    drawer_alarm_s: Annotated[int, Field(ge=0, le=86_400)] = 60


class ReceiptTable(Table):
    lines: tuple[ShortLine, ...] = ()
    footer: tuple[ShortLine, ...] = ()
    logo: str = ""


class RateTable(Table):
    code: Identifier
    name: Words
    rate: Annotated[str, AfterValidator(_rate)]


class TaxesTable(Table):
    prices_include_tax: bool = True
    rounding: Literal["line", "document"] = "document"
    rates: Annotated[tuple[RateTable, ...], Field(min_length=1, max_length=32)]


class TillTable(Table):
    id: Identifier
    name: Words
    receipt_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,12}$")]
    printer: str = ""
    drawer: str = ""
    display: str = ""
    scanner: str = ""
    scale: str = ""
    terminal: str = ""


class DeviceTable(Table):
    id: Identifier
    driver: Identifier
    url: Annotated[str, AfterValidator(_url)]
    label: Annotated[str, StringConstraints(max_length=64)] = ""
    fallback: str = ""
    options: dict[str, str | int | bool | float | list[str] | list[int] | dict[str, int]] = Field(default_factory=dict)


def _wallet_url(value: str) -> str:
    name = value.removeprefix("sim://")
    if value and (name == value or not name or not all(letter.isalnum() or letter in "-_." for letter in name)):
        raise ValueError('is not an address: leave it out for the provider\'s own, or write "sim://name"')
    return value


class WalletTable(Table):
    """A payment service on the internet, asked with the code that the customer shows."""

    id: Identifier
    driver: Identifier
    url: Annotated[str, AfterValidator(_wallet_url)] = ""
    label: Annotated[str, StringConstraints(max_length=64)] = ""
    options: dict[str, str | int | bool | float | list[str] | list[int]] = Field(default_factory=dict)


class PaymentsTable(Table):
    """How payments by card and wallet are judged."""

    standalone: bool = True
    clock_tolerance_s: Annotated[int, Field(ge=0, le=86_400)] = 300
    tips: bool = False


class RouteTable(Table):
    """A place where goods are prepared: what goes there is printed on every one of its printers."""

    id: Identifier
    name: Words
    printers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=8)]
    fallback: str = ""
    """For printers that have no fallback of their own."""
    categories: Annotated[tuple[Words, ...], Field(max_length=256)] = ()
    products: Annotated[tuple[Words, ...], Field(max_length=4096)] = ()
    """SKUs."""
    layout: Literal["kitchen", "label"] = "kitchen"
    label_mm: tuple[Annotated[int, Field(ge=20, le=150)], Annotated[int, Field(ge=15, le=150)]] = (40, 30)


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            ip_network(value)
        except ValueError as error:
            raise ValueError(f'{value!r} is not an address or a network such as "192.168.1.0/24"') from error
    return values


class DoorTable(Table):
    """A way in for another program's front end."""

    id: Identifier
    kind: Literal["raw9100", "epos", "hw_proxy"]
    listen: str = "0.0.0.0"  # noqa: S104  # `allow` says who may come
    port: Port
    device: str = ""
    """The printer behind it."""
    till: str = ""
    """Whose drawer it opens, and for `hw_proxy` whose other devices it uses."""
    allow: Annotated[tuple[str, ...], Field(min_length=1, max_length=64), AfterValidator(_networks)]
    origins: Annotated[tuple[str, ...], Field(max_length=32)] = ()
    """Web pages of these origins may call it."""
    connections_max: Annotated[int, Field(ge=1, le=256)] = 16
    job_bytes_max: Annotated[int, Field(ge=1024, le=1_000_000)] = 1_000_000
    idle_s: Annotated[int, Field(ge=1, le=3600)] = 90
    print_partial: bool = False


class BarcodeTable(Table):
    prefixes: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")], ...], Field(min_length=1)]
    pattern: Annotated[str, AfterValidator(_pattern)]
    value: Literal["price", "weight"]
    decimals: Annotated[int, Field(ge=0, le=5)]


class NetworkTable(Table):
    listen: tuple[str, ...] = ("0.0.0.0",)  # noqa: S104  # the tills are on the LAN: that is the product
    port: Port = 8700
    tls_port: Port = 8743
    """0: no HTTPS."""
    hostnames: tuple[str, ...] = ()
    """Names tills may use beside the addresses and the .local name."""
    origins: tuple[str, ...] = ()
    """Other web origins whose pages may call the API."""
    mdns: bool = True
    interfaces: tuple[str, ...] = ()
    """Addresses to announce on; empty: every one the box has."""


class PathsTable(Table):
    data: str = "/var/lib/edge-hub"
    backups: str = "/var/lib/edge-hub/backups"
    runtime: str = "/run/edge-hub"


class AccessTable(Table):
    session_idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 240
    session_hours: Annotated[int, Field(ge=1, le=48)] = 14


class LimitsTable(Table):
    connections_max: Annotated[int, Field(ge=8, le=5000)] = 1000
    body_bytes_max: Annotated[int, Field(ge=4096, le=64 << 20)] = 1 << 20
    requests_per_s: Annotated[int, Field(ge=1, le=100_000)] = 200
    """For one client; the burst is ten times this."""


class EmailTable(Table):
    """The mail server that receipts to customers are handed to."""

    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: Annotated[str, StringConstraints(max_length=254)] = ""
    password_file: str = ""
    """Its first line; read at each sending."""
    sender: Annotated[str, StringConstraints(pattern=r"^[^@\s<>]{1,64}@[^@\s<>]{1,189}$")]
    """Whom the receipts come from."""


class BackupTable(Table):
    schedule: Annotated[str, StringConstraints(max_length=64)] = "30 3 * * *"
    """Cron, in the store's time zone; empty: never."""
    keep: Annotated[int, Field(ge=1, le=1000)] = 14


class LogTable(Table):
    level: Literal["debug", "info", "warning", "error"] = "info"


class DemoStaffTable(Table):
    name: Words
    role: Literal["owner", "manager", "clerk"]
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]


class DemoTable(Table):
    """A shop to try the hub on: its staff and products are put in when the store is empty."""

    catalogue: str = ""
    staff: tuple[DemoStaffTable, ...] = ()


class ConfigTables(Table):
    store: StoreTable
    receipt: ReceiptTable = ReceiptTable()
    taxes: TaxesTable
    tills: Annotated[tuple[TillTable, ...], Field(min_length=1, max_length=64)]
    devices: Annotated[tuple[DeviceTable, ...], Field(max_length=64)] = ()
    wallets: Annotated[tuple[WalletTable, ...], Field(max_length=16)] = ()
    payments: PaymentsTable = PaymentsTable()
    routes: Annotated[tuple[RouteTable, ...], Field(max_length=32)] = ()
    doors: Annotated[tuple[DoorTable, ...], Field(max_length=32)] = ()
    barcodes: Annotated[tuple[BarcodeTable, ...], Field(max_length=16)] = ()
    network: NetworkTable = NetworkTable()
    paths: PathsTable = PathsTable()
    access: AccessTable = AccessTable()
    limits: LimitsTable = LimitsTable()
    email: EmailTable | None = None
    backup: BackupTable = BackupTable()
    log: LogTable = LogTable()
    demo: DemoTable | None = None
