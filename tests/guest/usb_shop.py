"""Inside the guest: USB gadgets of the kernel at one end, the hub's own wires and drivers at the other.

A composite gadget (printer class, HID keyboard, HID scale, CDC serial) hangs on dummy_hcd. The printer's far end is
read by the ESC/POS simulator, the keyboard types a bar code, a scale sends its reports, another sits behind a real 7E1
line. Each finding is one line on the
console: `PASS <what>` or `FAIL <what>: <why>`.
"""

import asyncio
import os
import sys
import traceback
import tty
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from edge_hub.bus import Bus, Wake  # found by the line above
from edge_hub.clock import SystemClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub
from edge_hub.devices.inventory import Inventory, SearchLimits
from edge_hub.devices.registry import load_drivers
from edge_hub.sdk.document import Cut, Document, Text
from edge_hub.sdk.driver import Simulator
from edge_hub.sdk.packets import Unpacker
from edge_hub.sdk.roles import POS_PRINTER, SCALE

GADGET = Path("/sys/kernel/config/usb_gadget/shop")
CONTROLLER = "dummy_udc.0"
STEP_S = 90
POLL_S = 0.005
PRINTER = "usb://04b8:0202/SIM0001"
KEYBOARD_REPORT = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503"
    "9103950675081500256505071900296581 00c0".replace(" ", "")
)
SCALE_REPORT = bytes.fromhex(
    "05 8d 09 20 a1 01 85 03 09 32 a1 02 15 00 26 ff 00 75 08 95 01 09 70 81 02 09 50 81 02"
    "15 81 25 7f 09 41 81 02 15 00 27 ff ff 00 00 75 10 09 40 81 02 c0 c0"
)
"""Page 8D, report 3: status, unit, scaling, weight of 16 bits."""
KEYS = {"4": 0x21, "0": 0x27, "6": 0x23, "3": 0x20, "8": 0x25, "1": 0x1E, "9": 0x26, "\n": 0x28}
CODE = "4006381333931"


def make_gadget() -> None:
    write = {
        "idVendor": "0x04b8", "idProduct": "0x0202", "bcdDevice": "0x0100",
        "strings/0x409/serialnumber": "SIM0001", "strings/0x409/manufacturer": "EPSON",
        "strings/0x409/product": "TM-T88V SIM",
        "functions/printer.0/pnp_string": "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;",
        "functions/printer.0/q_len": "8",
        "functions/hid.0/protocol": "1", "functions/hid.0/subclass": "1", "functions/hid.0/report_length": "8",
        "functions/hid.1/protocol": "0", "functions/hid.1/subclass": "0", "functions/hid.1/report_length": "6",
    }  # fmt: skip
    GADGET.mkdir()
    functions = ("printer.0", "hid.0", "hid.1", "acm.0")
    for folder in ("strings/0x409", "configs/c.1", *(f"functions/{one}" for one in functions)):
        (GADGET / folder).mkdir(parents=True, exist_ok=True)
    for name, value in write.items():
        (GADGET / name).write_text(value)
    (GADGET / "functions/hid.0/report_desc").write_bytes(KEYBOARD_REPORT)
    (GADGET / "functions/hid.1/report_desc").write_bytes(SCALE_REPORT)
    for function in functions:
        (GADGET / "configs/c.1" / function).symlink_to(GADGET / "functions" / function)


def plug() -> None:
    (GADGET / "UDC").write_text(CONTROLLER)


def unplug() -> None:
    (GADGET / "UDC").write_text("\n")


class NodeWire:
    """A simulator's end of the wire at a character device, never blocking: a gadget's read would lock out its write."""

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        if os.isatty(self.descriptor):
            tty.setraw(self.descriptor)

    async def read(self) -> bytes:
        while True:
            try:
                data = os.read(self.descriptor, 4096)
            except BlockingIOError:
                data = b""
            except OSError:
                return b""
            if data:
                return data
            await asyncio.sleep(POLL_S)

    async def write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self.descriptor, data) :]
            except BlockingIOError:
                await asyncio.sleep(POLL_S)


class ReportWire:
    """A simulator's end of the wire at a HID gadget: its packets go out as reports, and nothing comes in."""

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDWR)
        self._unpacker = Unpacker()

    async def read(self) -> bytes:
        await asyncio.get_running_loop().create_future()
        return b""

    async def write(self, data: bytes) -> None:
        for report in self._unpacker.feed(data):
            await asyncio.to_thread(os.write, self.descriptor, report)


class FarEnd:
    """A simulator at a gadget's node, which only one may have open."""

    def __init__(self, simulator: Simulator, path: str, wire: type[NodeWire] | type[ReportWire] = NodeWire) -> None:
        self._wire = wire(path)
        self._task = asyncio.create_task(simulator.serve(self._wire))

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        os.close(self._wire.descriptor)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(STEP_S):
        while not condition():  # noqa: ASYNC110  # device nodes and states set no event here
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def hub_of(*configs: DeviceConfig):
    bus = Bus()
    hub = DeviceHub(configs, load_drivers(), clock=SystemClock(), bus=bus)
    running = asyncio.create_task(hub.run())
    try:
        yield hub, bus
    finally:
        running.cancel()
        await asyncio.wait([running])


def receipt(text: str) -> Document:
    return Document(blocks=(Text(text=text), Cut()))


class Bench:
    def __init__(self) -> None:
        drivers = load_drivers()
        self.printer = drivers.find("escpos").simulator(drivers.find("escpos").options())
        self.scale = drivers.find("scale_toledo").simulator(drivers.find("scale_toledo").options())

        self.usb_scale = drivers.find("scale_hid").simulator(drivers.find("scale_hid").options(unit="g"))

    def paper(self) -> str:
        return "\n".join("\n".join(page) for page in self.printer.state()["texts"])

    async def finds_what_is_plugged_in(self) -> None:
        found = await Inventory(load_drivers(), SystemClock()).search((), SearchLimits())
        printers = [one for one in found if one.url.startswith("usb://04b8:0202")]
        assert printers, [one.url for one in found]
        assert "escpos" in printers[0].drivers, printers[0]

    async def prints_through_libusb(self) -> None:
        async with hub_of(DeviceConfig(id="p", driver="escpos", url=PRINTER)) as (hub, _):
            await until(lambda: hub.get("p").state == "ready")
            printed = await hub.get("p").role(POS_PRINTER).print_document(receipt("BY LIBUSB"), progress=lambda: None)
            assert "BY LIBUSB" in self.paper(), self.paper()
            print(f"     proof {printed.proof}", flush=True)

    async def prints_through_the_kernels_printer_driver(self) -> None:
        await until(lambda: Path("/dev/usb/lp0").exists())
        async with hub_of(DeviceConfig(id="p", driver="escpos", url="file:///dev/usb/lp0")) as (hub, _):
            await until(lambda: hub.get("p").state == "ready")
            await hub.get("p").role(POS_PRINTER).print_document(receipt("BY USBLP"), progress=lambda: None)
            assert "BY USBLP" in self.paper(), self.paper()

    async def reads_a_scanner_that_types(self) -> None:
        (node,) = [one for one in Path("/dev/input").glob("event*") if "SIM" in _name_of(one)]  # noqa: ASYNC240  # nothing else runs in this loop
        async with hub_of(DeviceConfig(id="s", driver="hid_scanner", url=f"evdev://{node}")) as (hub, bus):
            with bus.subscribe("scan") as scans:
                await until(lambda: hub.get("s").state == "ready")
                gadget = os.open("/dev/hidg0", os.O_RDWR)
                for key in CODE + "\n":
                    for report in (bytes((0, 0, KEYS[key], 0, 0, 0, 0, 0)), bytes(8)):
                        await asyncio.to_thread(os.write, gadget, report)
                os.close(gadget)
                async with asyncio.timeout(STEP_S):
                    wake = await scans.get()
                assert isinstance(wake, Wake)
                assert wake.value.data == CODE, wake
                second = os.open(node, os.O_RDONLY)
                try:
                    _grab(second)
                except OSError as error:
                    print(f"     a second grab: {error.strerror}", flush=True)
                else:
                    raise AssertionError("somebody else could grab the scanner, too")
                finally:
                    os.close(second)

    async def weighs_over_seven_bits_even_parity(self) -> None:
        config = DeviceConfig(id="w", driver="scale_toledo", url="serial:///dev/ttyACM0")
        self.scale.act("put", "1250")
        for _ in range(3):  # opened again and again: what a pty cannot do with 7E1
            async with hub_of(config) as (hub, _):
                await until(lambda hub=hub: hub.get("w").state == "ready")
                weight = await hub.get("w").role(SCALE).weigh()
                assert weight.grams == 1250, weight

    async def weighs_by_hid_reports(self) -> None:
        found = await Inventory(load_drivers(), SystemClock()).search((), SearchLimits())
        (scale,) = [one for one in found if one.kind == "hid"]
        assert scale.drivers == ("scale_hid",), scale
        self.usb_scale.act("put", "1250")
        sending = FarEnd(self.usb_scale, "/dev/hidg1", ReportWire)
        async with hub_of(DeviceConfig(id="u", driver="scale_hid", url=scale.url, options={"unit": "g"})) as (hub, _):
            await until(lambda: hub.get("u").state == "ready")
            weight = await hub.get("u").role(SCALE).weigh()
            assert (weight.grams, weight.unit) == (1250, "g"), weight
        await sending.leave()
        print(f"     {scale.url}", flush=True)

    async def survives_the_plug(self) -> None:
        async with hub_of(DeviceConfig(id="p", driver="escpos", url=PRINTER)) as (hub, _):
            await until(lambda: hub.get("p").state == "ready")
            unplug()
            await self.far_end.leave()
            await until(lambda: hub.get("p").state == "offline")
            plug()
            await until(self._at_the_gadget)
            await until(lambda: hub.get("p").state == "ready")
            await hub.get("p").role(POS_PRINTER).print_document(receipt("BACK AGAIN"), progress=lambda: None)
            assert "BACK AGAIN" in self.paper(), self.paper()

    def _at_the_gadget(self) -> bool:
        """The printer's far end is there once the host has configured the device."""
        try:
            self.far_end = FarEnd(self.printer, "/dev/g_printer0")
        except OSError:
            return False
        return True


def _name_of(node: Path) -> str:
    return (Path("/sys/class/input") / node.name / "device/name").read_text()


def _grab(descriptor: int) -> None:
    from edge_hub.devices.transports.hid import grab_input

    grab_input(descriptor)


async def main() -> None:
    bench = Bench()
    make_gadget()
    plug()
    await until(lambda: Path("/dev/g_printer0").exists() and Path("/dev/ttyACM0").exists())
    print("READY", flush=True)
    await until(bench._at_the_gadget)  # the same file
    scale = FarEnd(bench.scale, "/dev/ttyGS0")
    steps: list[Callable[[], Awaitable[None]]] = [
        bench.finds_what_is_plugged_in,
        bench.prints_through_libusb,
        bench.prints_through_the_kernels_printer_driver,
        bench.reads_a_scanner_that_types,
        bench.weighs_over_seven_bits_even_parity,
        bench.weighs_by_hid_reports,
        bench.survives_the_plug,
    ]
    for step in steps:
        try:
            await step()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this step's finding
            traceback.print_exc()
            print(f"FAIL {step.__name__}: {error!r}", flush=True)
        else:
            print(f"PASS {step.__name__}", flush=True)
    await scale.leave()
    print("END", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
