"""The simulated printer's controller: buffer, commands, status, faults. Synchronous, so that tests can step it."""

from collections.abc import Callable
from typing import ClassVar

from drivers.escpos.charset import CODE_PAGE_NUMBERS, ROM_CODECS
from drivers.escpos.options import EscposOptions
from edge_hub.sdk.document import CodeType
from edge_hub.sdk.escpos import RealTimeScanner, Token, next_token
from edge_hub.sdk.printing_sim import Paper, PrinterBody

FAULTS = {
    "paper_end": "the roll is empty",
    "paper_near_end": "the roll is nearly empty",
    "cover_open": "the cover is open",
    "cutter_error": "the cutter is stuck; after clearing, the host must tell it to go on",
    "offline": "switched offline by hand",
    "no_process_id": "a model without process ids (GS ( H)",
    "no_asb": "a clone: answers DLE EOT, sends no status by itself",
    "silent": "answers nothing",
    "reset": "switched off and on once: what was in its buffer is lost",
    "drawer_jam": "the drawer does not open when kicked",
    "no_drawer_sensor": "the drawer's switch is not wired",
}
MODEL, MODEL_WITHOUT_PROCESS_ID = b"TM-T88V", b"TM-T88III"
MODEL_ID = 0x20
QR_STORE, QR_PRINT, QR_MODULE = 80, 81, 67


def _setting(name: str) -> "Callable[[Engine, bytes], None]":
    """A command whose argument is a value of the paper's."""

    def apply(engine: "Engine", args: bytes) -> None:
        setattr(engine.paper, name, args[0])

    return apply


class Engine(PrinterBody):
    """Everything but the wire. `answers` go to the host; `step` carries out one command."""

    FAULTS = FAULTS

    def __init__(self, options: EscposOptions) -> None:
        pages = {number: page for page, number in CODE_PAGE_NUMBERS.items()}
        super().__init__(Paper(options.width_dots, pages, rom=ROM_CODECS.get(options.cjk, "ascii")))
        self._open_is_low = options.drawer_open_level == "low"
        self._scanner = RealTimeScanner()
        self._asb_mask = 0
        self._told = b""
        self._error = False

    @property
    def online(self) -> bool:
        return not self._error and super().online

    @property
    def pin_high(self) -> bool:
        if "no_drawer_sensor" in self.faults:
            return False
        return self.drawer_open != self._open_is_low

    def set_fault(self, name: str, *, on: bool) -> None:
        """A condition begins or ends; a cutter error stays until the host says DLE ENQ."""
        if name == "cutter_error" and on:
            self._error = True
        super().set_fault(name, on=on)

    def power_cycle(self) -> None:
        """Off and on: buffer, modes and Status Back are gone; the paper so far stays where it is."""
        self._scanner = RealTimeScanner()
        self._asb_mask = 0
        self._error = "cutter_error" in self.faults
        super().power_cycle()

    def receive(self, data: bytes) -> None:
        """Bytes from the host: real-time commands act now, all go into the buffer."""
        for token in self._scanner.feed(data):
            self._real_time(token)
        super().receive(data)

    def step(self) -> bool:
        """Carry out the next command; False when there is none or the printer is offline."""
        if not self.online:
            return False
        token = next_token(self.buffer, kanji=self.paper.kanji)
        if token is None:
            return False
        if token.name == "text":
            self.paper.text(token.args)
        elif token.name == "unknown":
            self.unknown += 1
        else:
            self._carry_out(token)
        del self.buffer[: token.size]
        self.room.set()
        self._use_paper()
        return True

    # status

    def _status_bits(self) -> tuple[bool, bool, bool, bool, bool]:
        has = self.faults.__contains__
        return not self.online, has("cover_open"), has("paper_end"), has("paper_near_end"), self._error

    def _asb(self) -> bytes:
        offline, cover, end, near, cutter = self._status_bits()
        return bytes(
            (
                0x10 | self.pin_high << 2 | offline << 3 | cover << 5,
                cutter << 3,
                (0x0F if end else 0) | (0x03 if near else 0),
                0,
            )
        )

    def _tell(self) -> None:
        """Send Status Back when something it covers changed."""
        if self._asb_mask and "no_asb" not in self.faults and self._asb() != self._told:
            self._told = self._asb()
            self._answers += self._told

    def _real_time(self, token: Token) -> None:
        n = token.args[0]
        if token.name == "DLE EOT":
            self._answers += self._real_time_status(n)
        elif token.name == "DLE ENQ":
            self._recover(n)
        elif n == 1 and self.online:
            self._kick()

    def _recover(self, n: int) -> None:
        if self._error and "cutter_error" not in self.faults and n in {1, 2}:
            self._error = False
            if n == 2:  # noqa: PLR2004  # DLE ENQ 2: and forget what was in hand
                self.buffer.clear()
            self._tell()

    def _real_time_status(self, n: int) -> bytes:
        offline, cover, end, near, cutter = self._status_bits()
        values = {
            1: 0x12 | self.pin_high << 2 | offline << 3,
            2: 0x12 | cover << 2 | end << 5 | cutter << 6,
            3: 0x12 | cutter << 3,
            4: 0x12 | (0x6C if end else 0) | (0x0C if near else 0),
        }
        return bytes((values[n],)) if n in values else b""

    # commands

    def _carry_out(self, token: Token) -> None:
        if token.name == "control":
            if token.args in {b"\n", b"\x0c"}:
                self.paper.feed()
            return
        command = self._COMMANDS.get(token.name)
        if command is not None:
            command(self, token.args)

    def _reset(self, _: bytes) -> None:
        self.paper.reset()
        self._asb_mask = 0

    def _set_asb(self, args: bytes) -> None:
        self._asb_mask = args[0]
        if self._asb_mask and "no_asb" not in self.faults:
            self._told = self._asb()
            self._answers += self._told

    def _sensor(self, args: bytes) -> None:
        if args[0] in {1, 49}:
            self._answers.append(0x03 if "paper_near_end" in self.faults else 0)
        elif args[0] in {2, 50}:
            self._answers.append(int(self.pin_high))

    def _identify(self, args: bytes) -> None:
        model = MODEL_WITHOUT_PROCESS_ID if "no_process_id" in self.faults else MODEL
        texts = {65: b"1.00 ESC/POS", 66: b"EPSON", 67: model, 68: b"SIM0001"}
        if args[0] in texts and "no_asb" not in self.faults:
            self._answers += b"\x5f" + texts[args[0]] + b"\x00"
        elif args[0] in {1, 49}:
            self._answers.append(MODEL_ID)

    def _process_id(self, args: bytes) -> None:
        if args[:2] == b"00" and len(args) == 6 and not self.faults & {"no_process_id", "no_asb"}:  # noqa: PLR2004  # GS ( H 00 and four digits
            self._answers += b"\x37\x22" + args[2:6] + b"\x00"

    def _pulse(self, _: bytes) -> None:
        self._kick()

    def _kick(self) -> None:
        self.kicks += 1
        if "drawer_jam" not in self.faults:
            self.move_drawer(is_open=True)

    def _cut(self, _: bytes) -> None:
        self.paper.cut()

    def _mode(self, args: bytes) -> None:
        bits = args[0]
        self.paper.restyle(
            bold=bool(bits & 0x08),
            underline=bool(bits & 0x80),
            height=2 if bits & 0x10 else 1,
            width=2 if bits & 0x20 else 1,
        )

    def _raster(self, args: bytes) -> None:
        stride, height = int.from_bytes(args[2:4], "little"), int.from_bytes(args[4:6], "little")
        mode = args[1] & 3
        self.paper.raster(stride, height, args[6:], across=2 if mode & 1 else 1, down=2 if mode & 2 else 1)

    def _symbol(self, args: bytes) -> None:
        if args[:1] != b"1":
            return
        if args[1] == QR_MODULE:
            self.paper.qr_module = max(args[2], 1)
        elif args[1] == QR_STORE:
            self.paper.qr_data = args[3:].decode("utf-8", "replace")
        elif args[1] == QR_PRINT:
            self.paper.qr()

    def _bar_code(self, args: bytes) -> None:
        kinds = {2: CodeType.EAN13, 3: CodeType.EAN8, 4: CodeType.CODE39, 67: CodeType.EAN13, 68: CodeType.EAN8}
        kind = {**kinds, 69: CodeType.CODE39, 73: CodeType.CODE128}.get(args[0])
        data = args[1:].decode("ascii", "replace")
        if kind is CodeType.CODE128:
            data = data.removeprefix("{B").replace("{{", "{")
        if kind is not None:
            self.paper.bars(kind, data)

    _COMMANDS: ClassVar[dict[str, Callable[["Engine", bytes], None]]] = {
        "ESC @": _reset,
        "GS a": _set_asb,
        "GS r": _sensor,
        "GS I": _identify,
        "GS (H": _process_id,
        "ESC p": _pulse,
        "GS V": _cut,
        "ESC i": _cut,
        "ESC m": _cut,
        "ESC !": _mode,
        "GS v": _raster,
        "GS (k": _symbol,
        "GS k": _bar_code,
        "GS h": _setting("bar_height"),
        "GS w": _setting("bar_module"),
        "GS H": _setting("bar_text"),
        "ESC 3": _setting("spacing"),
        "ESC E": lambda engine, args: engine.paper.restyle(bold=bool(args[0] & 1)),
        "ESC G": lambda engine, args: engine.paper.restyle(bold=bool(args[0] & 1)),
        "ESC -": lambda engine, args: engine.paper.restyle(underline=args[0] % 48 > 0),
        "FS -": lambda engine, args: setattr(engine.paper, "kanji_underline", args[0] % 48 > 0),
        "GS B": lambda engine, args: engine.paper.restyle(invert=bool(args[0] & 1)),
        "GS !": lambda engine, args: engine.paper.restyle(width=(args[0] >> 4 & 7) + 1, height=(args[0] & 7) + 1),
        "ESC a": lambda engine, args: engine.paper.set_align(args[0]),
        "ESC t": lambda engine, args: engine.paper.set_page(args[0]),
        "FS &": lambda engine, _: setattr(engine.paper, "kanji", True),
        "FS .": lambda engine, _: setattr(engine.paper, "kanji", False),
        "ESC d": lambda engine, args: engine.paper.feed_many(args[0]),
        "ESC J": lambda engine, args: engine.paper.blank_after(args[0]),
    }
