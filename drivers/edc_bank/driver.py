"""A bank's terminal: sale, and refund, void and settlement where the dialect has them. None can be asked afterwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from drivers.edc_bank.codec import DIALECTS, BankCodec
from drivers.edc_bank.options import EdcBankOptions
from drivers.edc_bank.simulator import EdcBankSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.record_terminal import RecordTerminal, running
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: EdcBankOptions) -> AsyncIterator[Device]:
    codec = BankCodec(options)
    terminal = RecordTerminal(
        context,
        transport,
        codec,
        reply_s=options.reply_s,
        settles=codec.settles,
        seven_bits=DIALECTS[options.dialect].seven_bits,
    )
    async with running(terminal) as device:
        yield device


def _line(options: EdcBankOptions) -> Mapping[str, object]:
    return DIALECTS[options.dialect].line


DRIVER = DriverInfo(
    name="edc_bank",
    summary="Card terminals of banks in Taiwan with records of 144 to 600 bytes",
    roles=(EFT_TERMINAL,),
    options=EdcBankOptions,
    open=open_terminal,
    simulator=EdcBankSimulator,
    schemes=("serial", "tcp", "sim"),
    serial_by=_line,
)
