"""An Adyen terminal without hardware: an HTTP server on the wire, with the bank behind it."""

import asyncio
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from drivers.adyen import nexo
from drivers.adyen.options import AdyenOptions
from drivers.adyen.sealing import BODY_BYTES_MAX, NONCE_BYTES, REQUEST, RESPONSE, keys_of, seal, unseal
from edge_hub.sdk import http
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS, SLOW_HOST_S, Declined, Taken
from edge_hub.sdk.eft.model import Reason, Transaction
from edge_hub.sdk.eft.simulated import SimulatedTerminal
from edge_hub.sdk.errors import BadFrame

STORED_MAX = 100
PIECE_BYTES = 97
HANG_UP_S = 0.1
TIME = "2026-10-09T12:30:15.000Z"
UNLISTED = "MoonPhase"
_CONDITIONS = {
    Reason.DECLINED: "Refusal",
    Reason.CALL_BANK: "Refusal",
    Reason.CANCELLED: "Cancel",
    Reason.CARD: "InvalidCard",
    Reason.BALANCE: "Refusal",
    Reason.NOT_FOUND: "NotFound",
    Reason.HOST: "UnreachableHost",
}
_BRANDS = {"VISA": "visa", "MASTERCARD": "mc", "JCB": "jcb", "UNIONPAY": "cup"}

Body = dict[str, Any]


class AdyenSimulator(SimulatedTerminal):
    """One simulated terminal. Connections are served side by side, as its web server does."""

    bank_faults = (
        bank.LOST_REPLY,
        bank.BAD_CHECK,
        bank.DUPLICATE_REPLY,
        bank.LATE_REPLY,
        bank.POWER_CUT,
        bank.UNSOLICITED,
        bank.SPLIT,
        bank.APPROVAL_AFTER_CANCEL,
        bank.BUSY,
        bank.SLOW_HOST,
        bank.WRONG_AMOUNT,
        bank.UNLISTED_CODE,
    )
    own_faults: Mapping[str, str] = {
        "customer_waits": "the customer does nothing until this is switched off, or the payment is aborted",
        "other_key": "the passphrase was changed in the Customer Area",
        "hangs_up": "the connection is ended behind every answer",
    }

    def __init__(self, options: AdyenOptions) -> None:
        super().__init__()
        passphrase = options.passphrase.get_secret_value()
        if options.passphrase_file:
            passphrase = Path(options.passphrase_file).read_text(encoding="utf-8").strip()
        self.keys = keys_of(passphrase, identifier=options.key_identifier, version=options.key_version)
        self.other_keys = keys_of(passphrase + "?", identifier=options.key_identifier, version=options.key_version)
        self._poi_id = options.poi_id
        self._nonces = 0
        self._stored: dict[tuple[str, str], Body] = {}
        """Responses by SaleID and ServiceID, for inquiries."""
        self._running: dict[tuple[str, str], asyncio.Future[str]] = {}
        """What is under way; its result: the error condition by which it was given up, or ""."""
        self._previous = b""

    def set_fault(self, name: str, on: bool) -> None:
        super().set_fault(name, on)
        if name == "customer_waits" and not on:
            self._go_on("")

    def act(self, action: str, value: str) -> None:
        """What people do, as of `SimulatedBank.act`; "press_cancel" while the customer is waited for."""
        if action == "press_cancel":
            self._go_on("Cancel")
        else:
            super().act(action, value)

    def _go_on(self, condition: str) -> None:
        for waiting in self._running.values():
            if not waiting.done():
                waiting.set_result(condition)

    async def serve(self, wire: SimulatorWire) -> None:
        parser = http.Parser(BODY_BYTES_MAX)
        while data := await wire.read():
            try:
                messages = parser.feed(data)
            except BadFrame:
                return
            for message in messages:
                if not await self._serve(wire, message):
                    return
                if "hangs_up" in self.active_faults:
                    await self.sleep(HANG_UP_S)
                    return

    async def _serve(self, wire: SimulatorWire, message: http.Message) -> bool:
        """False: the connection is over."""
        if message.start[:2] != ("POST", "/nexo"):
            await wire.write(http.encode("HTTP/1.1 404 Not Found", {}, b""))
            return True
        try:
            asked = json.loads(unseal(REQUEST, message.body, self.keys))[REQUEST]
            head = asked["MessageHeader"]
            key = (head["SaleID"], head["ServiceID"])
            category = head["MessageCategory"]
            sound = head["POIID"] == self._poi_id and "other_key" not in self.active_faults
        except (BadFrame, KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            await wire.write(http.encode("HTTP/1.1 400 Bad Request", {}, b""))
            return True
        if category in (nexo.PAYMENT, nexo.REVERSAL):
            return await self._money(wire, head, key, asked[f"{category}Request"])
        if category == nexo.STATUS:
            await self._send(wire, self._sealed(head, self._status(asked[f"{category}Request"])))
        else:
            self._abort(asked[f"{category}Request"])
            await wire.write(http.encode("HTTP/1.1 200 OK", {}, b"ok"))
        return True

    async def _money(self, wire: SimulatorWire, head: Body, key: tuple[str, str], body: Body) -> bool:
        faults = self.active_faults
        if bank.BUSY in faults or self._running or key in self._stored:
            condition = "NotAllowed" if key in self._stored else "Busy"
            await self._send(wire, self._sealed(head, _failure(condition)))
            return True
        said = await self._carried_out(key, head["MessageCategory"], body)
        if bank.POWER_CUT in faults:
            return False
        self._stored[key] = {"MessageHeader": _reply_header(head), "RepeatedResponseMessageBody": _named(head, said)}
        while len(self._stored) > STORED_MAX:
            del self._stored[next(iter(self._stored))]
        answer = self._sealed(head, said)
        before, self._previous = self._previous, answer
        if bank.UNSOLICITED in faults:
            await wire.write(http.encode("HTTP/1.1 200 OK", {}, b"event"))
        if bank.LATE_REPLY in faults and before:
            await wire.write(before)
        if bank.LOST_REPLY not in faults:
            await self._send(wire, answer)
        return True

    async def _carried_out(self, key: tuple[str, str], category: str, body: Body) -> Body:
        """Do it. The money moves before anything is waited for, except for the customer."""
        waiting = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            if "customer_waits" in self.active_faults:
                self.display = "PRESENT CARD"
                condition = await waiting
                if condition and bank.APPROVAL_AFTER_CANCEL not in self.active_faults:
                    self.display = "CANCELLED"
                    return _failure(condition)
            said = self._payment(key, body) if category == nexo.PAYMENT else self._reversal(key, body)
            if bank.SLOW_HOST in self.active_faults:
                await self.sleep(SLOW_HOST_S)
            return said
        finally:
            del self._running[key]

    def _payment(self, key: tuple[str, str], body: Body) -> Body:
        amounts = body["PaymentTransaction"]["AmountsReq"]
        digits = 0 if isinstance(amounts["RequestedAmount"], int) else 2
        amount = round(amounts["RequestedAmount"] * 10**digits)
        decision = self.bank.decide(Transaction.SALE, amount, reference=key[1])
        if isinstance(decision, Declined):
            return self._declined(decision)
        moved = decision.amount + (bank.WRONG_AMOUNT in self.active_faults)
        shown = {"Currency": amounts["Currency"], "AuthorizedAmount": moved / 10**digits if digits else moved}
        return self._approved(decision, body) | {
            "PaymentResult": {
                "AmountsResp": shown,
                "OnlineFlag": True,
                "PaymentAcquirerData": {"ApprovalCode": decision.approval, "MerchantID": "CornerStore"},
                "PaymentInstrumentData": {
                    "PaymentInstrumentType": "Card",
                    "CardData": {
                        "MaskedPan": decision.pan,
                        "PaymentBrand": _BRANDS[decision.scheme],
                        "EntryMode": ["Contactless"],
                        "SensitiveCardData": {"PAN": decision.pan, "ExpiryDate": "2912"},
                    },
                },
            },
            "PaymentReceipt": [_receipt(decision, qualifier) for qualifier in ("CashierReceipt", "CustomerReceipt")],
        }

    def _reversal(self, key: tuple[str, str], body: Body) -> Body:
        original = body["OriginalPOITransaction"]["POITransactionID"]["TransactionID"]
        digits = original.partition(".")[0].removeprefix("T")
        receipt = int(digits) if digits.isdigit() else -1
        transaction = Transaction.REFUND if "ReversedAmount" in body else Transaction.VOID
        wanted = body.get("ReversedAmount", 0)
        amount = wanted if isinstance(wanted, int) else round(wanted * 100)
        decision = self.bank.decide(transaction, amount, reference=key[1], original_receipt=receipt)
        return self._declined(decision) if isinstance(decision, Declined) else self._approved(decision, body)

    def _approved(self, taken: Taken, body: Body) -> Body:
        self.display = "APPROVED"
        self.slip.extend((f"{taken.transaction.value.upper()} {taken.amount}", f"AUTH {taken.approval}"))
        additional = {"cardHolderName": CARDHOLDER, "cardSummary": taken.pan[-4:], "PAN": taken.pan}
        said = {"Result": "Success", "AdditionalResponse": urlencode(additional)}
        if bank.UNLISTED_CODE in self.active_faults:
            said |= {"Result": "Failure", "ErrorCondition": UNLISTED}
        identity = {"TransactionID": f"T{taken.receipt:06d}.{taken.receipt * 7919:016d}", "TimeStamp": TIME}
        poi = {"POITransactionID": identity, "POIReconciliationID": str(taken.batch)}
        return {"Response": said, "POIData": poi, "SaleData": body["SaleData"]}

    def _declined(self, declined: Declined) -> Body:
        self.display = "DECLINED"
        return _failure(_CONDITIONS[declined.reason], f"refusalReason=199+{declined.reason.value}&PAN={PANS['VISA']}")

    def _status(self, body: Body) -> Body:
        reference = body["MessageReference"]
        key = (reference["SaleID"], reference["ServiceID"])
        if key in self._running:
            return _failure("InProgress")
        if key not in self._stored:
            return _failure("NotFound")
        repeated = {"MessageReference": reference, "RepeatedMessageResponse": self._stored[key]}
        return {"Response": {"Result": "Success"}, **repeated}

    def _abort(self, body: Body) -> None:
        reference = body["MessageReference"]
        waiting = self._running.get((reference["SaleID"], reference["ServiceID"]))
        if waiting is not None and not waiting.done():
            waiting.set_result("Aborted")

    def _sealed(self, head: Body, body: Body) -> bytes:
        self._nonces += 1
        plain = nexo.plain(RESPONSE, {"MessageHeader": _reply_header(head), **_named(head, body)})
        sealed = seal(RESPONSE, plain, self.keys, self._nonces.to_bytes(NONCE_BYTES, "big"))
        if bank.BAD_CHECK in self.active_faults:
            message = json.loads(sealed)
            message[RESPONSE]["SecurityTrailer"]["Hmac"] = base64.b64encode(bytes(32)).decode("ascii")
            sealed = json.dumps(message).encode()
        return http.encode("HTTP/1.1 200 OK", {"Content-Type": "application/json"}, sealed)

    async def _send(self, wire: SimulatorWire, answer: bytes) -> None:
        for _ in range(2 if bank.DUPLICATE_REPLY in self.active_faults else 1):
            if bank.SPLIT not in self.active_faults:
                await wire.write(answer)
                continue
            for at in range(0, len(answer), PIECE_BYTES):
                await wire.write(answer[at : at + PIECE_BYTES])
                await asyncio.sleep(0)


def _reply_header(head: Body) -> Body:
    return head | {"MessageType": "Response"}


def _named(head: Body, body: Body) -> Body:
    return {f"{head['MessageCategory']}Response": body}


def _failure(condition: str, additional: str = "") -> Body:
    response = {"Result": "Failure", "ErrorCondition": condition}
    return {"Response": response | ({"AdditionalResponse": additional} if additional else {})}


def _receipt(taken: Taken, qualifier: str) -> Body:
    lines = (
        {"key": "header1", "value": "CORNER STORE"},
        {"key": "pan", "name": "Card", "value": taken.pan},
        {"key": "cardHolderHeader", "name": CARDHOLDER},
        {"key": "totalAmount", "name": "TOTAL", "value": str(taken.amount)},
    )
    text = [{"Text": urlencode(line), "EndOfLineFlag": True} for line in lines]
    content = {"OutputFormat": "Text", "OutputText": text}
    return {"DocumentQualifier": qualifier, "OutputContent": content, "RequiredSignatureFlag": False}
