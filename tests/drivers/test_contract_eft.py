"""The contract of card terminals has teeth: drivers that guess are caught, each by what it guesses."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers.nccc import DRIVER
from drivers.nccc.driver import NcccTerminal
from edge_hub.sdk.eft.framed import frame
from edge_hub.sdk.eft.model import Found, Inquiry, Milestone, Progress, Result, Verdict
from edge_hub.sdk.eft.record_terminal import running
from edge_hub.sdk.errors import DeviceError, DeviceRefused, DeviceTimeout
from edge_hub.sdk.testing import WIRES, hold

WHOLE = WIRES[0]


class SilenceIsNo(NcccTerminal):
    async def transact(self, request, data, progress):
        try:
            return await super().transact(request, data, progress)
        except DeviceTimeout:
            return Result(verdict=Verdict.DECLINED)


class SilenceIsRefusal(NcccTerminal):
    async def transact(self, request, data, progress):
        try:
            return await super().transact(request, data, progress)
        except DeviceTimeout as error:
            raise DeviceRefused("it says nothing") from error


class SilenceIsYes(NcccTerminal):
    async def transact(self, request, data, progress):
        try:
            return await super().transact(request, data, progress)
        except DeviceTimeout:
            return Result(verdict=Verdict.APPROVED, amount=request.amount)


class AgainOnSilence(NcccTerminal):
    async def transact(self, request, data, progress):
        try:
            return await super().transact(request, data, progress)
        except DeviceTimeout:
            return await super().transact(request, data, lambda _: None)


class AnyReplyIsOurs(NcccTerminal):
    async def transact(self, request, data, progress):
        progress(Progress(milestone=Milestone.SENT))
        reply = await self.link.exchange(data, bytes, reply_s=self.reply_s)
        return replace(self.codec.result(reply, request), amount=request.amount)


class NoInquiryIsAbsence(NcccTerminal):
    async def inquire(self, request, data):
        answer = await super().inquire(request, data)
        return Inquiry(found=Found.ABSENT) if answer.found is Found.INCONCLUSIVE else answer


class AnyStoredReplyIsOurs(NcccTerminal):
    async def _ask(self, asked, data, seconds):
        told = await super()._ask(asked, data, seconds)
        if told is None:
            raise AssertionError("the contract found the reply of the transaction before")
        return told


class NeverFinds(NcccTerminal):
    async def inquire(self, request, data):
        return Inquiry(found=Found.INCONCLUSIVE)


class ChargesWhenAsked(NcccTerminal):
    async def inquire(self, request, data):
        await self.link.exchange(data, bytes, reply_s=self.reply_s)
        return Inquiry(found=Found.INCONCLUSIVE)


class SaysNothingOfSending(NcccTerminal):
    async def transact(self, request, data, progress):
        return await super().transact(request, data, lambda _: None)


class AnyAmountWillDo(NcccTerminal):
    async def transact(self, request, data, progress):
        result = await super().transact(request, data, progress)
        return replace(result, verdict=Verdict.APPROVED)


class SendsWithoutWaiting(NcccTerminal):
    async def transact(self, request, data, progress):
        progress(Progress(milestone=Milestone.SENT))
        await self.link._wire.write(frame(data))
        return Result(verdict=Verdict.APPROVED, amount=request.amount)


def driver(kind):
    @asynccontextmanager
    async def opened(context, transport, options):
        async with running(kind(context, transport, options)) as device:
            yield device

    return replace(DRIVER, open=opened)


async def held(kind, wires):
    for wire in wires:
        await hold(driver(kind), DRIVER.options(), wire)


async def test_the_driver_itself_holds():
    await held(NcccTerminal, [WHOLE])


@pytest.mark.parametrize(
    "kind",
    [
        SilenceIsNo,
        SilenceIsRefusal,
        SilenceIsYes,
        AgainOnSilence,
        AnyReplyIsOurs,
        NoInquiryIsAbsence,
        AnyStoredReplyIsOurs,
        NeverFinds,
        ChargesWhenAsked,
        SaysNothingOfSending,
        AnyAmountWillDo,
    ],
)
async def test_a_guess_is_caught_on_a_good_wire(kind):
    with pytest.raises((AssertionError, DeviceError)):
        await held(kind, [WHOLE])


@pytest.mark.parametrize("kind", [SilenceIsNo, SilenceIsYes, SendsWithoutWaiting])
async def test_a_guess_is_caught_on_some_bad_wire(kind):
    with pytest.raises(AssertionError):
        await held(kind, [wire for wire in WIRES if not wire.good])
