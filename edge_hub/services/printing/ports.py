"""What the lanes need beside the journal, no more: the devices, and somebody who draws receipts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from edge_hub.sdk.document import Document
from edge_hub.sdk.label import Label
from edge_hub.sdk.messages import PrinterStatus
from edge_hub.sdk.roles import POS_PRINTER, Role
from edge_hub.services.printing.job import Job
from edge_hub.services.printing.service import DeviceCannot

T = TypeVar("T")
Documents = Callable[[Job], Awaitable[Document]]
"""Draws a job that carries no document, from its origin and copy. Raises an EdgeHubError when it cannot."""
TicketLabels = Callable[[Job], Awaitable[Sequence[Label]]]
"""Draws a print job for a printer that prints labels only; a possible duplicate says so on each of them. Raises an
EdgeHubError when it cannot."""


async def no_labels(job: Job) -> Sequence[Label]:
    """For a page of any other kind. Raises DeviceCannot."""
    raise DeviceCannot("This printer prints labels only.", why="labels-only", device=job.device, role=POS_PRINTER.name)


class Peripheral(Protocol):
    """One supervised device."""

    @property
    def state(self) -> str:
        """The word "ready" when its driver runs on an open wire."""
        ...

    @property
    def status(self) -> PrinterStatus | None:
        """What it last said of itself; None when it is no printer or has said nothing."""
        ...

    def role(self, role: Role[T]) -> T | None: ...

    def left_torn(self) -> None:
        """Told before its first page, when the hub's last run may have ended in the middle of one."""
        ...


class Devices(Protocol):
    def get(self, device_id: str) -> Peripheral: ...
