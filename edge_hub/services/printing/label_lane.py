"""A label printer's lanes: labels of products, and the tickets of routes, each piece on a label of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from edge_hub.domain.ids import DeviceId
from edge_hub.sdk.label import Label
from edge_hub.sdk.messages import Printed
from edge_hub.sdk.roles import LABEL_PRINTER
from edge_hub.services.printing.job import Job, JobKind, JobNotFound
from edge_hub.services.printing.lane import Shop
from edge_hub.services.printing.pack import LabelRun
from edge_hub.services.printing.print_lane import PrintLane


class LabelLane(PrintLane):
    """No fallback: a label of another size is no stand-in, and a product's label says nothing of duplicates.

    `turn` is shared by the lanes of a device: one job at a time.
    """

    kind = JobKind.LABEL
    needs = LABEL_PRINTER

    def __init__(self, shop: Shop, device: DeviceId, turn: asyncio.Lock) -> None:
        super().__init__(shop, device, None)
        self._turn = turn

    async def _print(self, job: Job, page: Any, printer: Any) -> bool:
        async with self._turn:
            return await super()._print(job, page, printer)

    def _give(self, printer: Any, page: LabelRun, progress: Callable[[], None]) -> Awaitable[Printed]:
        printed: Awaitable[Printed] = printer.print_label(page.label, copies=page.copies, progress=progress)
        return printed

    async def _draw(self, job: Job) -> LabelRun:
        run = self._shop.jobs.label(job.id)
        if run is None:
            raise JobNotFound(job=job.id)
        return run


class TicketLane(PrintLane):
    """Print jobs of a device that prints labels only. Its fallback may be a receipt printer: a ticket fits both."""

    needs = LABEL_PRINTER

    def __init__(self, shop: Shop, device: DeviceId, fallback: DeviceId | None, turn: asyncio.Lock) -> None:
        super().__init__(shop, device, fallback)
        self._turn = turn

    async def _print(self, job: Job, page: Any, printer: Any) -> bool:
        async with self._turn:
            return await super()._print(job, page, printer)

    def _give(self, printer: Any, page: Sequence[Label], progress: Callable[[], None]) -> Awaitable[Printed]:
        printed: Awaitable[Printed] = printer.print_labels(page, progress=progress)
        return printed

    async def _draw(self, job: Job) -> Sequence[Label]:
        return await self._shop.labels(job)
