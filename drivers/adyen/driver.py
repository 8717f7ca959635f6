"""An Adyen terminal on the shop's network: each message is one HTTP request, sealed, and its answer.

What is kept of a request is its plain text. A second connection carries what stops a payment, for the first waits for
the payment's answer. Where the terminal ends connections between messages they are opened anew.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from drivers.adyen import nexo, receipts
from drivers.adyen.options import AdyenOptions
from drivers.adyen.sealing import NONCE_BYTES, REQUEST, RESPONSE, Keys, keys_of, seal, unseal
from drivers.adyen.simulator import AdyenSimulator
from drivers.adyen.wires import Wires
from edge_hub.sdk import http
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.model import (
    SALE_AND_BACK,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Verdict,
)
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceBusy,
    DeviceError,
    DeviceFault,
    DeviceLost,
    DeviceRefused,
    ErrorCode,
)
from edge_hub.sdk.http import HttpLink, host_of
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

PATH = "/nexo"
STATUS_S = 20.0
ABORT_S = 10.0
LOOK_S = 60.0
"""Between two looks whether a terminal is there that keeps no connection."""
ABSENT_AFTER_S = 15.0
"""Before "NotFound" is believed: a request still on its way has come by then."""
SERVICE_ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERVICE_ID_CHARACTERS = 10
_NO_ANSWER = frozenset({"Busy", "LoggedOut", "UnavailableService"})
"""To an inquiry: it was not looked for."""


class AdyenTerminal:
    """EftTerminal."""

    def __init__(self, context: Context, transport: Transport, options: AdyenOptions, keys: Keys) -> None:
        self._context = context
        self._options = options
        self._keys = keys
        self._host = host_of(transport.url)
        self.wires = Wires(context, transport)
        self._turn = asyncio.Lock()
        """Of whoever asks on the connection in use, or opens it anew."""
        self._current: dict[str, str] | None = None
        """The MessageReference of the transaction under way."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactions=SALE_AND_BACK,
            inquires=True,
            inquire_after_s=ABSENT_AFTER_S if self._options.not_found_is_absent else 0.0,
            stops=self._context.another is not None,
            prints=self._options.print_receipts,
        )

    async def run(self) -> None:
        """Until the terminal is lost, which it raises; not when it only ended its connection."""
        while True:
            await self.wires.ended()
            if self._current is None:
                await self.greet()
            await self._context.clock.sleep(LOOK_S)

    async def greet(self) -> None:
        """Ask about a message that never was: any answer shows that the keys are right. Raises DeviceLost if not: a bad
        wire looks no different.
        """
        nothing = {"MessageCategory": nexo.PAYMENT, "SaleID": self._options.sale_id, "ServiceID": _service_id()}
        try:
            await self._status(nothing)
        except BadFrame as error:
            raise DeviceLost(f"{error.detail}: are POIID, key and passphrase the terminal's?") from error

    async def prepare(self, request: Request) -> bytes:
        return nexo.request_message(request, self._options)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        if self._current is not None:
            raise DeviceBusy("the terminal is being asked something else")
        self._current = nexo.reference_of(data)
        try:
            return self._result(await self._carry_out(data, progress), request)
        finally:
            self._current = None

    async def _carry_out(self, data: bytes, progress: Callable[[Progress], None]) -> Any:
        """Raises DeviceRefused only if no byte left."""
        async with self._turn:
            try:
                link = await self.wires.fresh()
            except DeviceError as error:
                raise DeviceRefused(error.detail) from error
            before = link.transport.bytes_written
            progress(Progress(milestone=Milestone.SENT))
            try:
                return await self._ask(link, data, self._options.reply_s)
            except DeviceError as error:
                if link.transport.bytes_written == before:
                    raise DeviceRefused(error.detail) from error
                raise

    def _result(self, said: Any, request: Request) -> Result:
        result = nexo.result(said, request, self._options.doubted)
        if not self._options.print_receipts:
            return result
        body = nexo.at(said, f"{nexo.CATEGORIES[request.transaction]}Response")
        return _with_slips(result, body)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        if self._current is not None:
            raise DeviceBusy("the terminal is being asked something else")
        reference = nexo.reference_of(data)
        body = await self._status(reference)
        said, condition = nexo.outcome(body)
        if said == "Success":
            return self._repeated(nexo.at(body, "RepeatedMessageResponse"), reference, request)
        if condition == "InProgress":
            return Inquiry(found=Found.PENDING, text="the terminal is still at it")
        if condition == "NotFound":
            found = Found.ABSENT if self._options.not_found_is_absent else Found.INCONCLUSIVE
            return Inquiry(found=found, text="the terminal knows nothing of it")
        if condition in _NO_ANSWER:
            raise DeviceBusy(f"the terminal does not look for it now: {condition}")
        return Inquiry(found=Found.INCONCLUSIVE, text="the terminal does not say")

    def _repeated(self, repeated: Any, reference: dict[str, str], request: Request) -> Inquiry:
        """The stored response, if it is that message's."""
        head = nexo.at(repeated, "MessageHeader")
        body = nexo.at(repeated, "RepeatedResponseMessageBody")
        if any(nexo.words(head, name) != text for name, text in reference.items()) or not isinstance(body, dict):
            return Inquiry(found=Found.INCONCLUSIVE, text="the terminal repeats another message's response")
        result = self._result({"MessageHeader": head, **body}, request)
        found = Found.INCONCLUSIVE if result.verdict is Verdict.UNKNOWN else Found.FOUND
        return Inquiry(found=found, result=result, text="the terminal repeated its response")

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        return await self.inquire(request, data)

    async def stop(self) -> None:
        reference = self._current
        if self._context.another is None:
            raise DeviceRefused("this terminal is stopped by its own red key", error_code=ErrorCode.ILLEGAL)
        if reference is None:
            return
        message = nexo.abort_message(reference, _service_id(), self._options)
        async with self.wires.aside() as link:
            # its answer says nothing: what became of the payment is in the payment's own
            await link.exchange(self._post(message), ABORT_S)

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:  # noqa: ARG002  # the role's
        raise DeviceRefused("Adyen settles by itself", error_code=ErrorCode.ILLEGAL)

    async def _status(self, reference: dict[str, str]) -> Any:
        sent = nexo.status_message(reference, _service_id(), self._options)
        async with self._turn:
            said = await self._ask(await self.wires.usable(), sent, STATUS_S)
        return nexo.at(said, f"{nexo.STATUS}Response")

    async def _ask(self, link: HttpLink, message: bytes, seconds: float) -> Any:
        """The response. One that cannot be read, or is another message's, ends the connection: raises BadFrame,
        DeviceLost, DeviceTimeout.
        """
        answer = await link.exchange(self._post(message), seconds)
        try:
            if answer.start[1] != "200":
                raise BadFrame(f"the terminal's web server answers {answer.start[1][:3]}")  # noqa: TRY301  # one way out
            said = nexo.response(unseal(RESPONSE, answer.body, self._keys))
            if not nexo.answers(message, said):
                raise BadFrame("a response to another message")  # noqa: TRY301  # one way out
        except BadFrame as error:
            link.give_up(error.detail)
            raise
        return said

    def _post(self, message: bytes) -> bytes:
        body = seal(REQUEST, message, self._keys, secrets.token_bytes(NONCE_BYTES))
        headers = {"Host": self._host, "Content-Type": "application/json"}
        return http.encode(f"POST {PATH} HTTP/1.1", headers, body)


def _with_slips(result: Result, body: Any) -> Result:
    customer, cashier = receipts.slip(body, receipts.CUSTOMER), receipts.slip(body, receipts.CASHIER)
    return replace(result, slip=customer, merchant_slip=cashier)


def _service_id() -> str:
    """Unique for as long as terminals remember (48 hours)."""
    return "".join(secrets.choice(SERVICE_ID_LETTERS) for _ in range(SERVICE_ID_CHARACTERS))


async def _keys(options: AdyenOptions) -> Keys:
    passphrase = options.passphrase.get_secret_value()
    if options.passphrase_file:
        passphrase = await asyncio.to_thread(_passphrase_in, Path(options.passphrase_file))
    return keys_of(passphrase, identifier=options.key_identifier, version=options.key_version)


def _passphrase_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceFault(f"the passphrase file cannot be read: {type(error).__name__}") from error


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: AdyenOptions) -> AsyncIterator[Device]:
    """Ask for something. Raises DeviceFault when keys are missing, DeviceLost when they are wrong, DeviceTimeout or
    DeviceLost when nobody answers.
    """
    secret = options.passphrase.get_secret_value() or options.passphrase_file
    # the simulator has the same options, and no secret to keep
    if not transport.url.startswith("sim://") and not (options.poi_id and options.key_identifier and secret):
        raise DeviceFault("the terminal's poi_id, key_identifier and passphrase_file are not all set")
    keys = await _keys(options)
    terminal = AdyenTerminal(context, transport, options, keys)
    try:
        await terminal.greet()
        yield Device(roles={EFT_TERMINAL: terminal}, run=terminal.run)
    finally:
        await terminal.wires.close()


DRIVER = DriverInfo(
    name="adyen",
    summary="Adyen card terminals by the Terminal API on the local network",
    roles=(EFT_TERMINAL,),
    options=AdyenOptions,
    open=open_terminal,
    simulator=AdyenSimulator,
    schemes=("tls", "tcp", "sim"),
)
