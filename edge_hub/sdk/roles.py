"""What a device can be: typed keys to the methods the hub may call (UnifiedPOS categories)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from edge_hub.sdk.document import Document
from edge_hub.sdk.eft.model import EftTerminal
from edge_hub.sdk.label import Label
from edge_hub.sdk.messages import AmountKind, DrawerState, Printed, PrinterStatus, RawFace, Weight


class POSPrinter(Protocol):
    """Prints documents. One job at a time: the hub's lane sees to that."""

    @property
    def columns(self) -> int:
        """Cells of normal text in a line."""
        ...

    async def print_document(self, document: Document, *, progress: Callable[[], None]) -> Printed:
        """Print it all and learn of it. Calls `progress` whenever the printer took more bytes or answered.

        Raises DeviceRefused only if no byte of the document was sent (so the job can wait and be sent again);
        DeviceLost or DeviceTimeout once any was (the job is then of unknown outcome).
        """
        ...

    async def status(self) -> PrinterStatus:
        """Ask now. Raises DeviceTimeout when the printer is silent."""
        ...


class RawPrinter(Protocol):
    """Prints pages that other programs wrote in the printer's own language (ESC/POS). Shares the printer's lane."""

    @property
    def face(self) -> RawFace:
        """What the printer itself would answer such a program."""
        ...

    async def print_raw(self, data: bytes, *, heading: Document | None, progress: Callable[[], None]) -> Printed:
        """Print one page of whole commands, from the printer's power-on modes on; `heading` is printed above it.

        Commands that would disturb the talk with the printer (`escpos.WITHHELD`) are left out. Proof, `progress` and
        errors as of `POSPrinter.print_document`.
        """
        ...


class LabelPrinter(Protocol):
    """Prints labels. One job at a time: the hub's lane sees to that."""

    async def print_label(self, label: Label, *, copies: int, progress: Callable[[], None]) -> Printed:
        """Print `copies` of it and learn of it. Raises as `POSPrinter.print_document`, and DeviceBusy, with nothing
        sent, while the printer still works on what it was given before.
        """
        ...

    async def print_labels(self, labels: Sequence[Label], *, progress: Callable[[], None]) -> Printed:
        """Print these, one of each in this order, as one job: 1 to LABELS_MAX. Raises as `print_label`."""
        ...

    async def status(self) -> PrinterStatus:
        """Ask now. Raises DeviceTimeout when the printer is silent."""
        ...


class CashDrawer(Protocol):
    """Opens a drawer."""

    async def open_drawer(self) -> DrawerState:
        """Send the pulse; the state read back (UNKNOWN where the wiring does not say)."""
        ...


class Scanner(Protocol):
    """Has no methods the hub must call: it emits `Scanned`."""


class Glass(Protocol):
    """What a display has characters for."""

    def can_show(self, text: str) -> bool:
        """Whether every character of `text` appears as itself."""
        ...


class LineDisplay(Protocol):
    """Shows a few lines to the customer."""

    @property
    def glass(self) -> Glass:
        """For those who write: choose words that it can show."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        ...

    async def show(self, lines: tuple[str, ...]) -> None:
        """Replace what is shown; lines are cut or transliterated to what the glass can do."""
        ...

    async def clear(self) -> None: ...


class NumericDisplay(Protocol):
    """Shows one amount to the customer, and says what it is."""

    async def show_amount(self, kind: AmountKind, digits: str) -> None:
        """`digits` as "-1234.50": ASCII digits, at most one point, no grouping. Raises DeviceRefused (ILLEGAL) for more
        than it has room for: a cut amount would be a wrong one.
        """
        ...

    async def clear(self) -> None: ...


class Scale(Protocol):
    """Weighs goods for sale. What it shows meanwhile it emits as `WeightChanged`, where its protocol can be polled."""

    async def weigh(self, *, unit_price: int = 0, tare_grams: int = 0) -> Weight:
        """A steady weight above zero to sell by; waits a few seconds for one.

        `unit_price` (minor units for a kilogram) is for scales that show or check it, `tare_grams` for those that
        take a tare with each weighing. Raises DeviceRefused with OVERWEIGHT, UNDER_ZERO, SAME_WEIGHT, TIMEOUT (nothing
        steady on it) or ILLEGAL (a tare or price it cannot take), DeviceTimeout when the scale is silent, DeviceFault
        when it must not be used as it is.
        """
        ...

    async def zero(self) -> None:
        """Set the empty scale to zero. DeviceRefused: it would not, or (ILLEGAL) its protocol has no such command."""
        ...

    async def tare(self) -> None:
        """Take what lies on it as tare. DeviceRefused as for `zero`."""
        ...


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Role(Generic[T]):
    """A typed key: `POS_PRINTER.of(device)` gives the device's POSPrinter or None."""

    name: str


POS_PRINTER: Role[POSPrinter] = Role("pos_printer")
RAW_PRINTER: Role[RawPrinter] = Role("raw_printer")
LABEL_PRINTER: Role[LabelPrinter] = Role("label_printer")
CASH_DRAWER: Role[CashDrawer] = Role("cash_drawer")
SCANNER: Role[Scanner] = Role("scanner")
LINE_DISPLAY: Role[LineDisplay] = Role("line_display")
NUMERIC_DISPLAY: Role[NumericDisplay] = Role("numeric_display")
SCALE: Role[Scale] = Role("scale")
EFT_TERMINAL: Role[EftTerminal] = Role("eft_terminal")
