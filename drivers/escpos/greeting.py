"""Getting to know a printer: is it there, is it in a known state, how does it answer, what proof can it give?"""

import logging
from enum import Enum

from drivers.escpos import commands
from drivers.escpos.codec import Asb, Block, Frame, Reply
from drivers.escpos.link import Link
from drivers.escpos.options import EscposOptions
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.sdk.messages import Proof
from edge_hub.sdk.printing.talk import ANSWER_S

PROBE_ID = 0
"""Jobs count from 1."""
WITHOUT_PROCESS_ID = ("TM-J2", "TM-T88III", "TM-T88II", "TM-L60", "TM-U2", "TM-U3")
"""Models that lack GS ( H (TM-L90 APG p. 425); a clone's name is not known, it shows by not answering."""
GENUINE_MAKER = "EPSON"
MODEL_HEADER = 0x5F
FLUSHED_ANSWER_S = 5.0
"""The flush may still be in a slow line's buffer: 4 KB at 9600 baud are over four seconds."""


class Channel(Enum):
    """How the printer tells its state."""

    ASB = "asb"
    POLL = "poll"
    NONE = "none"


async def greet(link: Link, options: EscposOptions, log: logging.Logger) -> Channel:
    """Bring the printer into a known state. Raises DeviceTimeout when it is silent and should not be.

    A raster that the last connection left half-sent swallows the hello; zeros fill it up (receiptio). Real-time
    status is answered even then, so it cannot replace the hello; but it tells an offline printer, whose
    commands wait, from one that did not understand.
    """
    if options.status == "none":
        await link.write(commands.RESET)
        return Channel.NONE
    if options.status == "poll":
        await link.write(commands.RESET + commands.ASB_OFF)
        return await _polled(link)
    for flush, seconds in ((b"", ANSWER_S), (commands.FLUSH, FLUSHED_ANSWER_S)):
        hello = flush + commands.RESET + commands.ASB_ON
        greeted = await link.ask(hello, lambda frame: isinstance(frame, Asb), seconds) is not None
        alive = await link.poll(1)
        if greeted:
            return Channel.ASB
        if alive and link.report.online is False:
            await link.poll()
            return Channel.ASB
    if options.status == "asb":
        raise DeviceTimeout("the printer does not send its status")
    log.info("no automatic status: asking by DLE EOT")
    await link.write(commands.ASB_OFF)
    return await _polled(link)


async def _polled(link: Link) -> Channel:
    if not await link.poll():
        raise DeviceTimeout("the printer does not answer; if it has no way to, set status = none")
    return Channel.POLL


async def probe(link: Link, options: EscposOptions, channel: Channel) -> Proof | None:
    """The strongest proof of printing this printer gives; None while it is offline and cannot say."""
    if options.proof != "auto":
        return Proof(options.proof)
    if channel is Channel.NONE:
        return Proof.SENT
    maker = await _name(link, commands.MAKER)
    model = await _name(link, commands.MODEL) if maker else ""
    link.maker, link.model = maker, model
    if maker.upper().startswith(GENUINE_MAKER) and not model.startswith(WITHOUT_PROCESS_ID):
        answer = await link.ask(commands.process_id(PROBE_ID), _is_probe_answer)
        if answer is not None:
            return Proof.PROCESS_ID
    # asked twice: a question cut short on the way swallows what follows it, until the flush fills it up
    for flush, seconds in ((b"", ANSWER_S), (commands.FLUSH, FLUSHED_ANSWER_S)):
        if await link.ask(flush + commands.BARRIER, lambda frame: isinstance(frame, Reply), seconds) is not None:
            return Proof.STATUS_AFTER
    if channel is Channel.ASB and link.report.online:
        # it answered a command a moment ago: this one is stuck behind a torn one longer than the flush
        raise DeviceTimeout('the printer stopped answering; if it does not know GS r, set proof = "sent"')
    return Proof.SENT if link.report.online else None


async def _name(link: Link, question: bytes) -> str:
    frame = await link.ask(question, lambda frame: isinstance(frame, Block) and frame.header == MODEL_HEADER)
    return frame.text if isinstance(frame, Block) else ""


def _is_probe_answer(frame: Frame) -> bool:
    return isinstance(frame, Block) and frame.process_id == PROBE_ID
