"""Requests as the hub makes them, and the look-out for what may never be kept."""

import asyncio

from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import Request, Transaction
from edge_hub.sdk.roles import EFT_TERMINAL


def a_request(amount=1234, reference="ABCDE12345", **more):
    values = {
        "transaction": Transaction.SALE,
        "reference": reference,
        "amount": amount,
        "currency": "EUR",
        "minor_digits": 2,
        "at": "2026-10-09T14:30:15",
        "till": "till-1",
    }
    return Request(**values | more)


async def carry_out(bench, device, request, heard=None):
    """Prepare and transact, the clock moving."""
    terminal = device.role(EFT_TERMINAL)
    data = await terminal.prepare(request)
    heard = [] if heard is None else heard
    return await bench.passing(asyncio.ensure_future(terminal.transact(request, data, heard.append)), 0.5)


async def ask(bench, device, request):
    """What the terminal says became of it."""
    terminal = device.role(EFT_TERMINAL)
    data = await terminal.prepare(request)
    return await bench.passing(asyncio.ensure_future(terminal.inquire(request, data)), 0.5)


def nothing_secret_in(*things):
    """No whole card number, no name: in values, raw bytes, log records, messages."""
    for thing in things:
        text = repr(thing)
        for secret in (*PANS.values(), CARDHOLDER):
            assert secret not in text, text
