"""A till and a ZVT terminal: requests to make, a terminal that says what a script has it say."""

from drivers.zvt import DRIVER, codec
from drivers.zvt.blocks import ACK, NAK, BlockStream, Signal, block
from drivers.zvt.codec import Apdu, ApduStream
from drivers.zvt.sim_books import completion, now, result
from edge_hub.sdk.eft.model import Request, Transaction
from edge_hub.sdk.roles import EFT_TERMINAL

OK = Apdu(0x8000)
DONE = completion(978)
REGISTERED = (OK, DONE)
NUMBERS = iter(range(10_000))
BEGUN = now(behind=False)
"""When everything is asked for and answered: a parametrized answer is made long before its test runs."""


def request(transaction=Transaction.SALE, amount=1280, **more):
    more.setdefault("at", BEGUN.isoformat(timespec="seconds"))
    return Request(
        transaction=transaction,
        reference=f"REF{next(NUMBERS):07d}",
        amount=amount,
        currency=more.pop("currency", "EUR"),
        minor_digits=more.pop("minor_digits", 2),
        **more,
    )


def paid(amount=1280, receipt=7, code=0, **more):
    more.setdefault("at", BEGUN)
    return result(code, amount=amount, currency=more.pop("currency", 978), receipt=receipt, **more)


def sim_bench(bench, **options):
    """A bench with the driver's own simulator."""
    b = bench(DRIVER, **options)
    b.simulator.sleep = b.clock.sleep
    return b


def script_bench(bench, said, **options):
    """A bench with a terminal that answers each command of the till with what `said` has for it."""
    b = bench(DRIVER, **options)
    b.simulator = Script(said, blocks=options.get("link") == "serial")
    return b


async def asked(b, device, one, heard=None, data=None):
    """What came of a request; an exception as it is."""
    terminal = device.role(EFT_TERMINAL)
    data = data or await terminal.prepare(one)
    return await b.passing(terminal.transact(one, data, (heard if heard is not None else []).append))


async def inquired(b, device, one):
    terminal = device.role(EFT_TERMINAL)
    return await b.passing(terminal.inquire(one, await terminal.prepare(one)))


class Script:
    """`said`: command -> APDUs, or a list of such answers, one for each time. bytes go out as they are, None ends
    the connection.
    """

    def __init__(self, said, *, blocks=False):
        self.said = {
            codec.REGISTRATION: REGISTERED,
            codec.REPEAT_RECEIPT: (OK, Apdu(codec.ABORT, b"\x83")),
            codec.STATUS_ENQUIRY: (OK, Apdu(codec.COMPLETION, b"\x00")),
            **said,
        }
        self.blocks = blocks
        self.heard = []
        self.signals = []
        self.naks = 0
        """Refuse so many blocks that carry money."""
        self.silent = False
        """No ACK of blocks that carry money."""

    @property
    def commands(self):
        return [apdu.command for apdu in self.heard if not apdu.is_answer]

    async def serve(self, end):
        stream = BlockStream() if self.blocks else ApduStream()
        while data := await end.read():
            for item in stream.feed(data):
                if isinstance(item, Signal):
                    self.signals.append(item)
                    continue
                if await self._refused(end, item):
                    continue
                self.heard.append(item)
                if not item.is_answer and not await self._answer(end, item):
                    return

    async def _refused(self, end, apdu):
        money = apdu.command in (codec.AUTHORISATION, codec.REFUND, codec.REVERSAL)
        if not self.blocks or (money and self.silent):
            return False
        nak = money and self.naks > 0
        if nak:
            self.naks -= 1
            self.heard.append(apdu)
        await end.write(bytes((NAK if nak else ACK,)))
        return nak

    async def _answer(self, end, apdu):
        answer = self.said.get(apdu.command, (OK,))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        for one in answer:
            if one is None:
                return False
            if isinstance(one, bytes):
                await end.write(one)
            else:
                await end.write(block(one) if self.blocks else one.encode())
        return True
