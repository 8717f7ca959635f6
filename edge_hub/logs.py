"""Structured logs: JSON lines for the journal of the machine, colours on a terminal, card numbers nowhere.

Every record of every library passes the scrubber: a run of 13 to 19 digits that begins as a payment card's does
(ISO/IEC 7812-1: 2 to 6, and 9) and passes the Luhn check is cut to its first six and last four (PCI DSS 4.0.1, 3.4.1),
whatever separates its digits. A bar code that happens to look the same is cut too: better so than the other way round.
"""

import json
import logging
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

# structlog loads rich, where there is one, for tracebacks in colour: 60 ms and 5 MB of every start. The daemon does
# without; the command line, which has loaded it by now, keeps it.
_hidden = "rich" not in sys.modules
if _hidden:
    sys.modules["rich"] = None  # type: ignore[assignment]  # import then raises ImportError, which structlog expects
import structlog  # noqa: E402  # see above

if _hidden:
    del sys.modules["rich"]

_PAN = re.compile(r"(?<![0-9])[2-69](?:[ -]?[0-9]){12,18}(?![0-9])")
_SCRUB_DEPTH_MAX = 6
TAIL_LINES_MAX = 1000
_SAID_ELSEWHERE = ("level", "logger", "timestamp", "message", "asctime")
"""Members of a formatted record that are no fields: parts of it, and what another handler left on it."""
TAIL_TEXT_CHARACTERS_MAX = 4000


def luhn(digits: str) -> bool:
    """Whether `digits` passes the check that every card number passes (ISO/IEC 7812-1, annex B)."""
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def scrub_text(text: str) -> str:
    """`text` with every card number cut to first six and last four."""

    def cut(match: re.Match[str]) -> str:
        digits = re.sub(r"[^0-9]", "", match[0])
        if not luhn(digits):
            return match[0]
        return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"

    return _PAN.sub(cut, text)


def scrub(value: Any, depth: int = 0) -> Any:
    """The same for every text inside a value that is about to be logged."""
    cut: Any = value
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
        cut = value if scrub_text(text) == text else scrub_text(text)
    elif isinstance(value, bytes):
        cut = scrub_text(value.decode("latin-1"))
    elif isinstance(value, Mapping) and depth < _SCRUB_DEPTH_MAX:
        cut = {scrub(key, depth + 1): scrub(item, depth + 1) for key, item in value.items()}
    elif isinstance(value, list | tuple | set | frozenset) and depth < _SCRUB_DEPTH_MAX:
        cut = [scrub(item, depth + 1) for item in value]
    elif not (value is None or isinstance(value, bool | float)):
        cut = scrub_text(str(value))
    return cut


def _scrub_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = {key: value for key, value in event.items() if key.startswith("_")}
    cleaned: MutableMapping[str, Any] = scrub({key: value for key, value in event.items() if not key.startswith("_")})
    cleaned.update(record)
    return cleaned


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def _formatter(renderer: structlog.typing.Processor) -> logging.Formatter:
    """Whatever the records are shown as, they are scrubbed."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[_scrub_event, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def setup(level: str = "info", *, json_lines: bool | None = None) -> None:
    """Send every log record of this process to standard error, scrubbed; JSON unless that is a terminal."""
    as_json = not sys.stderr.isatty() if json_lines is None else json_lines
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(renderer))
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A log record as people read it, scrubbed."""

    seq: int
    """Rises with every record, also over a restart of the hub."""
    at_ms: int
    level: int
    """As in `logging`: 10, 20, 30, 40, 50."""
    logger: str
    text: str
    """The message; under it the traceback, if there is one. Cut after TAIL_TEXT_CHARACTERS_MAX."""
    fields: Mapping[str, str]
    """What was logged beside the message."""


class LogTail(logging.Handler):
    """The newest TAIL_LINES_MAX log records, kept in memory for the technicians' page."""

    def __init__(self, first_seq: int = 1) -> None:
        """`first_seq`: the wall clock's milliseconds make the numbers rise over restarts."""
        super().__init__()
        self._lines: deque[LogLine] = deque(maxlen=TAIL_LINES_MAX)
        self._next = first_seq
        self.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False, default=str)))

    def emit(self, record: logging.LogRecord) -> None:
        said: dict[str, Any] = json.loads(self.format(record))
        text = "\n".join(str(part) for part in (said.pop("event", ""), said.pop("exception", "")) if part)
        for name in _SAID_ELSEWHERE:
            said.pop(name, None)
        self._lines.append(
            LogLine(
                seq=self._next,
                at_ms=int(record.created * 1000),
                level=record.levelno,
                logger=record.name,
                text=text[:TAIL_TEXT_CHARACTERS_MAX],
                fields={name: str(value)[:TAIL_TEXT_CHARACTERS_MAX] for name, value in said.items()},
            )
        )
        self._next += 1

    def lines(self, *, after: int | None = None, level: int = logging.NOTSET, limit: int) -> list[LogLine]:
        """In the order of writing, of at least that level: the first after `after`, or the newest for None."""
        with self.lock or _NO_LOCK:
            found = [line for line in self._lines if line.level >= level and (after is None or line.seq > after)]
        return found[-limit:] if after is None else found[:limit]

    @contextmanager
    def following(self) -> Iterator["LogTail"]:
        """Hear every record of this process while the block runs."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield self
        finally:
            root.removeHandler(self)


_NO_LOCK: nullcontext[None] = nullcontext()
