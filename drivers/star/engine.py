"""The simulated Star printer's controller: commands, status, counters. Synchronous, so that tests can step it."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from drivers.star.charset import CODE_PAGE_NUMBERS
from drivers.star.options import StarOptions
from drivers.star.tokens import RealTimeScanner, Token, next_token
from edge_hub.sdk.document import CodeType
from edge_hub.sdk.glyphs import CELL_DOTS
from edge_hub.sdk.printing_sim import Paper, PrinterBody

LINE_DOTS, TIGHT_DOTS = 32, 24
"""ESC z 1: 4 mm; ESC 0: 3 mm."""
CUT_FEED_DOTS = 80
QR_KEEP, QR_SET, QR_PRINT = b"D", b"S", b"P"
MODELS = {"line": b"TSP654IIVer2.1", "prnt": b"MCP31Ver1.0", "graphic": b"TSP143IIIVer1.0"}
_KINDS = {0: None, 1: None, 2: CodeType.EAN8, 3: CodeType.EAN13, 4: CodeType.CODE39, 6: CodeType.CODE128}


class Engine(PrinterBody):
    """Everything but the wire. Answers go to the host; `step` carries out one command."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "paper_end": "the roll is empty",
        "near_end": "the roll is nearly empty",
        "cover_open": "the cover is open",
        "offline": "switched offline by hand",
        "cutter": "the cutter is stuck",
        "no_etb": "a model whose status has no ETB counter",
        "no_document_counter": "a model without ESC GS ETX",
        "silent": "answers nothing",
        "reset": "switched off and on once: what was in its buffer is lost",
        "drawer": "the drawer does not open when kicked",
    }
    OFFLINE: ClassVar[frozenset[str]] = frozenset({"paper_end", "cover_open", "offline", "cutter"})

    def __init__(self, options: StarOptions) -> None:
        pages = {number: page for page, number in CODE_PAGE_NUMBERS.items()}
        pages |= {number: page for page, number in options.code_page_numbers.items()}
        super().__init__(Paper(options.width_dots, pages, spacing=LINE_DOTS))
        self._emulation = options.emulation
        self._open_is_off = options.drawer_open_level == "off"
        self._scanner = RealTimeScanner()
        self._forget()

    def _forget(self) -> None:
        self._raster = False
        self._rows: list[bytes] = []
        self._strip_held = False
        self._after_page = 13
        self._asb = False
        self._told = b""
        self._etb = 0
        self._etb_done = False
        self._documents = 0

    def power_cycle(self) -> None:
        """Off and on: buffer, modes and counters are gone; the paper so far stays where it is."""
        self._scanner = RealTimeScanner()
        self._forget()
        super().power_cycle()

    def receive(self, data: bytes) -> None:
        """Bytes from the host: real-time commands act now, all go into the buffer."""
        for n in self._scanner.feed(data):
            if n == 1:
                self._answers += self._status()
        super().receive(data)

    def step(self) -> bool:
        """Carry out the next command; False when there is none or the printer is offline."""
        if not self.online:
            return False
        token = next_token(self.buffer, raster=self._raster)
        if token is None:
            return False
        if token.name == "text":
            self.paper.text(token.args)
        elif not self._carry_out(token):
            self.unknown += 1
        del self.buffer[: token.size]
        self.room.set()
        self._use_paper()
        return True

    # status

    def _status(self) -> bytes:
        has = self.faults.__contains__
        switch = self.drawer_open != self._open_is_off
        bits = (
            switch << 2 | (not self.online) << 3 | has("cover_open") << 5 | self._etb_done << 1,
            has("cutter") << 3,
            0,
            has("paper_end") << 3 | (has("near_end") or has("paper_end")) << 2,
            0,
        )
        if has("no_etb"):
            return bytes((0x0F, 0x06, *bits))
        counter = (self._etb & 0x18) << 2 | (self._etb & 0x07) << 1
        return bytes((0x23, 0x06, *bits, counter, 0))

    def _tell(self) -> None:
        """Send the status by itself when something it covers changed."""
        if self._asb and self._status() != self._told:
            self._told = self._status()
            self._answers += self._told

    # commands

    def _carry_out(self, token: Token) -> bool:
        """False: this printer does not know it."""
        if token.name == "row":
            self._rows.append(token.args)
            return True
        if token.name == "control":
            return self._control(token.args[0])
        if token.name == "unknown":
            return False
        command = self._COMMANDS.get(token.name)
        if command is None or (self._emulation == "graphic" and token.name not in self._GRAPHIC):
            return token.name in self._ACCEPTED
        if self._raster and token.name not in self._IN_RASTER:
            return False
        command(self, token.args)
        return True

    def _control(self, code: int) -> bool:
        if self._raster:
            return code == 0
        if code == 0x0A and self._strip_held:  # noqa: PLR2004  # LF
            self._strip_held = False
            self.paper.blank(self.paper.spacing - TIGHT_DOTS)
        elif code in {0x0A, 0x0C}:
            self.paper.feed()
        elif code in {0x07, 0x1C, 0x1A, 0x19}:
            self._kick()
        elif code == 0x17:  # noqa: PLR2004  # ETB
            self._count_etb()
        return True

    def _count_etb(self) -> None:
        self.paper.flush()
        if "no_etb" not in self.faults:
            self._etb = (self._etb + 1) % 32
            self._etb_done = True
            self._tell()
            self._etb_done = False

    def _reset(self, _: bytes) -> None:
        self.paper.reset()

    def _page_setting(self, args: bytes) -> None:
        if args[:1] in {b"\x00", b"0"}:
            self._etb, self._etb_done = 0, False

    def _set_asb(self, args: bytes) -> None:
        self._asb = args[0] % 48 > 0
        self._told = b""
        self._tell()

    def _document_end(self, args: bytes) -> None:
        if "no_document_counter" in self.faults:
            return
        if args[0] % 48 == 1:
            self.paper.flush()
            self._documents = (self._documents + 1) % 256
        if args[0] % 48 <= 1:
            self._answers += b"\x1b\x1d\x03" + args + bytes((self._documents, 0))

    def _version(self, args: bytes) -> None:
        if args == b"*\n":
            self._answers += b"\x1b#*," + MODELS[self._emulation] + b"\n\x00"

    def _kick(self) -> None:
        self.kicks += 1
        if "drawer" not in self.faults:
            self.move_drawer(is_open=True)

    def _cut(self, args: bytes) -> None:
        self.paper.flush()
        if args[0] % 48 >= 2:  # noqa: PLR2004  # 2 and 3 feed to the cutter first
            self.paper.blank(CUT_FEED_DOTS)
        self.paper.cut()

    def _raster_command(self, args: bytes) -> None:
        kind, digits = args[:1], args[1:]
        if self._emulation == "prnt":
            self.unknown += 1
        elif kind == b"A" and not self._raster:
            self.paper.flush()
            self._raster, self._after_page = True, 13
        elif kind in {b"B", b"C"}:
            self._leave_raster(keep=kind == b"B")
        elif self._raster and digits.isdigit():
            self._raster_setting(kind, int(digits))

    def _raster_setting(self, kind: bytes, value: int) -> None:
        if kind == b"Y":
            self._rows += [b""] * min(value, 4096)
        elif kind == b"E":
            self._after_page = value
        elif kind == b"D" and value in {1, 2, 3}:
            self._kick()

    def _leave_raster(self, *, keep: bool) -> None:
        if not keep:
            self._rows.clear()
            return
        left = bool(self._rows)
        self._print_rows()
        if left and self._after_page >= 8:  # noqa: PLR2004  # the modes that cut
            self.paper.cut()
        self._raster = False

    def _print_rows(self) -> None:
        self.paper.rows(self._rows)
        self.paper.lines_printed += -(-len(self._rows) // LINE_DOTS)
        self._rows.clear()

    def _form_feed(self, args: bytes) -> None:
        if self._raster and args in {b"\x00", b"\x04"}:
            self._print_rows()
            self.paper.blank(CUT_FEED_DOTS)
            self.paper.cut()

    def _picture(self, args: bytes) -> None:
        stride, height = int.from_bytes(args[1:3], "little"), int.from_bytes(args[3:5], "little")
        self.paper.raster(stride, height, args[6:])
        self.paper.lines_printed += -(-height // LINE_DOTS)

    def _strip(self, args: bytes) -> None:
        stride = int.from_bytes(args[:2], "little")
        self.paper.raster(stride, TIGHT_DOTS, args[2:])
        # it stands in the line like text: the line feed behind it moves on by no more than its height
        self._strip_held = True

    def _symbol(self, args: bytes) -> None:
        kind, body = args[:1], args[1:]
        if kind == QR_SET and body[:1] == b"2":
            self.paper.qr_module = max(body[1], 1)
        elif kind == QR_KEEP:
            self.paper.qr_data = body[4:].decode("utf-8", "replace")
        elif kind == QR_PRINT:
            self.paper.qr()

    def _bar_code(self, args: bytes) -> None:
        if len(args) < 5:  # noqa: PLR2004  # four settings and data
            return
        kind, text, mode = _KINDS.get(args[0] % 48), args[1] % 48, args[2] % 48
        data = args[4:].decode("ascii", "replace")
        if kind is None or not 1 <= mode <= 3:  # noqa: PLR2004  # the modes of ESC b
            return
        self.paper.bar_module, self.paper.bar_height = mode + 1, args[3]
        self.paper.bar_text = 2 if text in {2, 4} else 0
        self.paper.bars(kind, data.replace("%0", "%") if kind is CodeType.CODE128 else data)

    _COMMANDS: ClassVar[dict[str, Callable[["Engine", bytes], None]]] = {
        "ESC @": _reset,
        "ESC RS a": _set_asb,
        "ESC RS E": _page_setting,
        "ESC GS ETX": _document_end,
        "ESC #": _version,
        "ESC d": _cut,
        "ESC * r": _raster_command,
        "ESC FF": _form_feed,
        "ESC GS S": _picture,
        "ESC k": _strip,
        "ESC GS y": _symbol,
        "ESC b": _bar_code,
        "ESC E": lambda engine, _: engine.paper.restyle(bold=True),
        "ESC F": lambda engine, _: engine.paper.restyle(bold=False),
        "ESC 4": lambda engine, _: engine.paper.restyle(invert=True),
        "ESC 5": lambda engine, _: engine.paper.restyle(invert=False),
        "ESC -": lambda engine, args: engine.paper.restyle(underline=args[0] % 48 > 0),
        "ESC i": lambda engine, args: engine.paper.restyle(height=args[0] % 48 % 6 + 1, width=args[1] % 48 % 6 + 1),
        "ESC W": lambda engine, args: engine.paper.restyle(width=args[0] % 48 % 6 + 1),
        "ESC h": lambda engine, args: engine.paper.restyle(height=args[0] % 48 % 6 + 1),
        "ESC z": lambda engine, args: setattr(engine.paper, "spacing", LINE_DOTS if args[0] % 48 else TIGHT_DOTS),
        "ESC 0": lambda engine, _: setattr(engine.paper, "spacing", TIGHT_DOTS),
        "ESC l": lambda engine, args: engine.paper.indent(args[0] * CELL_DOTS),
        "ESC GS a": lambda engine, args: engine.paper.set_align(args[0]),
        "ESC GS t": lambda engine, args: engine.paper.set_page(args[0]),
        "ESC GS A": lambda engine, args: engine.paper.move(int.from_bytes(args, "little")),
        "ESC GS R": lambda engine, args: engine.paper.move(int.from_bytes(args, "little", signed=True), relative=True),
        "ESC a": lambda engine, args: engine.paper.feed_many(args[0]),
        "ESC J": lambda engine, args: engine.paper.blank_after(args[0] * 2),
    }
    _ACCEPTED = frozenset({"ESC ACK", "ESC BEL", "ESC RS F", "ESC RS R", "ESC  ", "ESC s", "ESC Q", "ESC R", "ESC $",
                           "ESC M", "ESC P", "ESC :", "ESC D"})  # fmt: skip
    """Known, without a trace on this paper."""
    _IN_RASTER = frozenset({"ESC * r", "ESC FF"})
    _GRAPHIC = frozenset({"ESC @", "ESC RS a", "ESC RS E", "ESC GS ETX", "ESC #", "ESC * r", "ESC FF"})
