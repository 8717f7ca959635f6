"""Configuration: TOML files checked whole before anything starts, every fault named at once by file and path.

`/etc/edge-hub/config.toml` first, then `conf.d/*.toml` beside it in name order: tables are merged, arrays of tables
are joined, and a value set twice is a clash, not an override.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge_hub.config_tables import ConfigTables, DeviceTable
from edge_hub.domain.barcode import Embedded, Layout
from edge_hub.domain.ids import DeviceId, TillId
from edge_hub.domain.receipt import StoreCard, Till
from edge_hub.domain.routing import Route, TicketLayout
from edge_hub.domain.store import PaymentRules, StoreSettings
from edge_hub.domain.tax import TaxPolicy, TaxRate, TaxRounding
from edge_hub.errors import Fault, Invalid, fault, shape_fault

DEFAULT_CONFIG = Path("/etc/edge-hub/config.toml")
JOURNAL_NAME = "journal.sqlite"
CONFIG_BYTES_MAX = 1 << 20
"""One configuration file; a larger one is a mistake."""


class ConfigInvalid(Invalid):
    """The configuration cannot be used; `faults` has every reason, `pointer` as `file: path.in.toml`."""

    code = "config-invalid"
    title = "The configuration is not valid."


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A checked configuration: the tables as written, and the folder its relative paths start from."""

    tables: ConfigTables
    root: Path
    files: tuple[Path, ...]

    def path(self, value: str) -> Path:
        """A path of the configuration, absolute."""
        return (self.root / value).resolve()

    def with_paths(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """A driver's options; those that end in `_file` are paths (of secrets), made absolute here."""
        return {
            key: str(self.path(value)) if key.endswith("_file") and value and isinstance(value, str) else value
            for key, value in options.items()
        }

    @property
    def journal_path(self) -> Path:
        """The one database file of this hub."""
        return self.path(self.tables.paths.data) / JOURNAL_NAME

    @property
    def devices(self) -> tuple[DeviceTable, ...]:
        return self.tables.devices

    @property
    def fallbacks(self) -> dict[str, str]:
        """Which device takes over from which printer: the printer's own fallback, else its route's."""
        of_routes = {
            printer: route.fallback for route in self.tables.routes if route.fallback for printer in route.printers
        }
        return of_routes | {device.id: device.fallback for device in self.devices if device.fallback}

    def store_settings(self) -> StoreSettings:
        """The part of it that decides prices, taxes and numbers."""
        tables = self.tables
        return StoreSettings(
            id=tables.store.id,
            currency=tables.store.currency,
            card=StoreCard(
                name=tables.store.name,
                lines=tables.receipt.lines,
                footer=tables.receipt.footer,
                locale=tables.store.locale,
                timezone=tables.store.timezone,
                logo=str(self.path(tables.receipt.logo)) if tables.receipt.logo else "",
            ),
            taxes=TaxPolicy(
                rates=tuple(
                    TaxRate(code=rate.code, name=rate.name, rate=parse_rate(rate.rate)) for rate in tables.taxes.rates
                ),
                prices_include_tax=tables.taxes.prices_include_tax,
                rounding=TaxRounding(tables.taxes.rounding),
            ),
            tills=tuple(
                Till(
                    id=TillId(till.id),
                    name=till.name,
                    receipt_prefix=till.receipt_prefix,
                    printer=till.printer,
                    drawer=till.drawer,
                    display=till.display,
                    scanner=till.scanner,
                    scale=till.scale,
                    terminal=till.terminal,
                )
                for till in tables.tills
            ),
            cash_rounding=tables.store.cash_rounding,
            price_list=tables.store.price_list,
            embedded=tuple(
                Layout(
                    prefixes=layout.prefixes,
                    pattern=layout.pattern,
                    value=Embedded(layout.value),
                    decimals=layout.decimals,
                )
                for layout in tables.barcodes
            ),
            low_stock_milli=tables.store.low_stock_milli,
            drawer_alarm_s=tables.store.drawer_alarm_s,
            routes=tuple(
                Route(
                    id=route.id,
                    name=route.name,
                    printers=tuple(DeviceId(printer) for printer in route.printers),
                    categories=route.categories,
                    products=route.products,
                    layout=TicketLayout(route.layout),
                    label_mm=route.label_mm,
                )
                for route in tables.routes
            ),
            payments=PaymentRules(
                standalone=tables.payments.standalone,
                clock_tolerance_s=tables.payments.clock_tolerance_s,
                tips=tables.payments.tips,
            ),
        )


def parse_rate(text: str) -> Fraction:
    """A tax rate as written ("0.255" or "25.5%") as an exact share. ValueError if it is neither."""
    if text.endswith("%"):
        return Fraction(text[:-1].strip()) / 100
    return Fraction(text)


def load(path: Path) -> Config:
    """Read and check `path` and its `conf.d`. Raises ConfigInvalid with every fault there is."""
    files = (path, *sorted((path.parent / "conf.d").glob("*.toml")))
    faults: list[Fault] = []
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for file in files:
        document = _read(file, faults)
        _merge(merged, document, file.name, origin, faults)
    if faults:
        raise ConfigInvalid(_summary(faults), faults=tuple(faults))
    try:
        tables = ConfigTables.model_validate_json(json.dumps(merged, default=str))
    except ValidationError as error:
        found = tuple(_shape_faults(error, origin, path.name))
        raise ConfigInvalid(_summary(found), faults=found) from error
    clashes = tuple(_clashes(tables))
    if clashes:
        raise ConfigInvalid(_summary(clashes), faults=clashes)
    return Config(tables=tables, root=path.parent.resolve(), files=files)


def _read(file: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        if file.stat().st_size > CONFIG_BYTES_MAX:
            faults.append(Fault(pointer=file.name, code="too-large", message=f"is over {CONFIG_BYTES_MAX} bytes"))
            return {}
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(pointer=str(file), code="missing", message="there is no such file"))
    except OSError as error:
        faults.append(Fault(pointer=str(file), code="unreadable", message=error.strerror or "cannot be read"))
    except UnicodeDecodeError:
        faults.append(Fault(pointer=file.name, code="encoding", message="is not UTF-8 text"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(pointer=file.name, code="syntax", message=str(error)))
    except RecursionError:
        faults.append(Fault(pointer=file.name, code="syntax", message="is nested too deeply"))
    return {}


def _merge(
    into: dict[str, Any],
    more: Mapping[str, Any],
    file: str,
    origin: dict[str, str],
    faults: list[Fault],
    *,
    at: str = "",
) -> None:
    for key, value in more.items():
        path = f"{at}.{key}" if at else key
        if key not in into:
            into[key] = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
            _remember(path, value, file, origin)
        elif isinstance(into[key], dict) and isinstance(value, dict):
            _merge(into[key], value, file, origin, faults, at=path)
        elif isinstance(into[key], list) and isinstance(value, list) and _are_tables([*into[key], *value]):
            for index in range(len(into[key]), len(into[key]) + len(value)):
                origin[f"{path}[{index}]"] = file
            into[key].extend(value)
        else:
            other = _origin_of(path, origin, file)
            faults.append(
                Fault(pointer=f"{file}: {path}", code="clash", message=f"is set in {other} already: set it once")
            )


def _remember(path: str, value: object, file: str, origin: dict[str, str]) -> None:
    origin[path] = file
    if isinstance(value, dict):
        for key, inner in value.items():
            _remember(f"{path}.{key}", inner, file, origin)


def _are_tables(values: Iterable[object]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _origin_of(path: str, origin: Mapping[str, str], default: str) -> str:
    while path:
        if path in origin:
            return origin[path]
        cut = max(path.rfind("."), path.rfind("["))
        path = path[: max(cut, 0)]
    return default


def _shape_faults(error: ValidationError, origin: Mapping[str, str], default: str) -> Iterator[Fault]:
    items = error.errors(include_url=False, include_input=False)
    for item in items:
        if item["type"] == "too_short" and any(_below(item["loc"], other["loc"]) for other in items):
            continue  # the tables were there: each has its own fault
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
        message = (
            "is not a known key: check its spelling"
            if item["type"] == "extra_forbidden"
            else item["msg"].removeprefix("Value error, ")
        )
        yield shape_fault(f"{_origin_of(path, origin, default)}: {path}", item["type"], message, item.get("ctx"))


def _below(path: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(other) > len(path) and other[: len(path)] == path


def _clashes(tables: ConfigTables) -> Iterator[Fault]:
    yield from _repeated("tills", "id", [till.id for till in tables.tills])
    yield from _repeated("tills", "receipt_prefix", [till.receipt_prefix for till in tables.tills])
    yield from _repeated("devices", "id", [device.id for device in tables.devices])
    yield from _repeated("devices", "url", [device.url for device in tables.devices])
    yield from _repeated("taxes.rates", "code", [rate.code for rate in tables.taxes.rates])
    known = {device.id for device in tables.devices}
    for index, till in enumerate(tables.tills):
        for role in ("printer", "drawer", "display", "scanner", "scale", "terminal"):
            wanted = getattr(till, role)
            if wanted and wanted not in known:
                yield _unknown_device(f"tills[{index}].{role}", wanted)
    for index, device in enumerate(tables.devices):
        if device.fallback == device.id:
            yield fault(f"devices[{index}].fallback", "clash", "cannot be itself", why="itself")
        elif device.fallback and device.fallback not in known:
            yield _unknown_device(f"devices[{index}].fallback", device.fallback)
    yield from _route_clashes(tables, known)
    if tables.network.port and tables.network.port == tables.network.tls_port:
        yield fault("network.tls_port", "clash", "is the same as network.port: they need one each", why="same-port")
    yield from _wallet_clashes(tables, known)
    if tables.demo is None:
        yield from _simulated("devices", [device.url for device in tables.devices])
        yield from _simulated("wallets", [wallet.url for wallet in tables.wallets])


def _simulated(table: str, urls: list[str]) -> Iterator[Fault]:
    """The first of them, if there is any."""
    for index in [index for index, url in enumerate(urls) if url.startswith("sim:")][:1]:
        words = "simulated {table} are for a demo: add a [demo] table, or give the real address"
        yield fault(f"{table}[{index}].url", "clash", words, why="simulated", table=table)


def _wallet_clashes(tables: ConfigTables, known: set[str]) -> Iterator[Fault]:
    yield from _repeated("wallets", "id", [wallet.id for wallet in tables.wallets])
    for index, wallet in enumerate(tables.wallets):
        if wallet.id in known:
            words = "{id!r} is a device's id already"
            yield fault(f"wallets[{index}].id", "clash", words, why="id-of-device", id=wallet.id)
        if wallet.url and wallet.options:
            words = "a simulated wallet brings its own options: leave them out"
            yield fault(f"wallets[{index}].options", "clash", words, why="simulated-wallet")


def _route_clashes(tables: ConfigTables, known: set[str]) -> Iterator[Fault]:
    yield from _repeated("routes", "id", [route.id for route in tables.routes])
    taken_over: dict[str, str] = {}
    for index, route in enumerate(tables.routes):
        at = f"routes[{index}]"
        if not route.categories and not route.products:
            yield fault(at, "clash", "takes nothing: name categories or products", why="route-empty")
        for printer, times in Counter(route.printers).items():
            if printer not in known:
                yield _unknown_device(f"{at}.printers", printer)
            if times > 1:
                words = "{value!r} is named {times} times"
                yield fault(f"{at}.printers", "clash", words, why="named-often", value=printer, times=times)
            if route.fallback and taken_over.setdefault(printer, route.fallback) != route.fallback:
                words, other = "another route gives {printer!r} the fallback {other!r}", taken_over[printer]
                yield fault(f"{at}.fallback", "clash", words, why="other-fallback", printer=printer, other=other)
        if route.fallback in route.printers:
            yield fault(f"{at}.fallback", "clash", "is a printer of the route itself", why="own-fallback")
        elif route.fallback and route.fallback not in known:
            yield _unknown_device(f"{at}.fallback", route.fallback)


def _repeated(table: str, key: str, values: list[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            last = len(values) - 1 - values[::-1].index(value)
            words = "{value!r} is used {times} times"
            yield fault(f"{table}[{last}].{key}", "clash", words, why="used-often", value=value, times=times)


def _unknown_device(pointer: str, wanted: str) -> Fault:
    return fault(
        pointer, "unknown-device", "there is no [[devices]] with id {device!r}", why="no-device", device=wanted
    )


def _summary(faults: Iterable[Fault]) -> str:
    return "\n".join(f"{fault.pointer}: {fault.message}" for fault in faults)
