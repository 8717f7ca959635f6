"""A USB bus in memory: pyusb's backend interface with devices to plug in and pull out."""

import array
import errno
import threading
import time
from types import SimpleNamespace

import usb.backend
import usb.core

OUT, IN = 0x02, 0x81


def usb_error(number, text="", kind=usb.core.USBError):
    return kind(text or f"errno {number}", None, number)


class FakePrinter:
    """One device: interface 0 is a printer's with a bulk pair. `hold`: it takes no more (paper out)."""

    def __init__(self, *, vid=0x04B8, pid=0x0202, serial="SIM0001", bus=1, ports=(1, 2), kernel=True, one_way=False):
        self.vid, self.pid, self.serial, self.bus, self.ports = vid, pid, serial, bus, ports
        self.taken = bytearray()
        self.answers = []
        self.kernel = kernel
        self.one_way = one_way
        self.hold = threading.Event()
        self.fail = None
        self.stalls = 0
        self.plugged = True
        self.claimed = False
        self.log = []
        self.reads = 0
        self.changed = threading.Condition()

    def say(self, data):
        with self.changed:
            self.answers.append(data)
            self.changed.notify_all()

    def unplug(self):
        with self.changed:
            self.plugged = False
            self.changed.notify_all()

    def check(self):
        if not self.plugged:
            raise usb_error(errno.ENODEV, "No such device (it may have been disconnected)")
        if self.fail is not None:
            raise self.fail


class FakeBus(usb.backend.IBackend):
    def __init__(self, *devices):
        self.devices = list(devices)
        self.open = 0

    def enumerate_devices(self):
        return [device for device in self.devices if device.plugged]

    def get_device_descriptor(self, dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=dev.vid, idProduct=dev.pid, bcdDevice=0x100, iManufacturer=1, iProduct=2,
            iSerialNumber=3, bNumConfigurations=1, address=dev.ports[-1], bus=dev.bus, port_number=dev.ports[-1],
            port_numbers=dev.ports, speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev, config):
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev, intf, alt, config):
        if intf or alt or config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=1 if dev.one_way else 2,
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=1 if dev.one_way else 2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev, ep, intf, alt, config):
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2, wMaxPacketSize=512, bInterval=0,
            bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev):
        dev.check()
        self.open += 1
        return dev

    def close_device(self, handle):
        self.open -= 1

    def get_configuration(self, handle):
        handle.check()
        return 1

    def claim_interface(self, handle, intf):
        handle.check()
        if handle.claimed or handle.kernel:
            raise usb_error(errno.EBUSY)
        handle.claimed = True

    def release_interface(self, handle, intf):
        handle.claimed = False
        handle.check()

    def is_kernel_driver_active(self, handle, intf):
        return handle.kernel

    def detach_kernel_driver(self, handle, intf):
        handle.kernel = False
        handle.log.append("detach")

    def attach_kernel_driver(self, handle, intf):
        handle.check()
        handle.kernel = True
        handle.log.append("attach")

    def clear_halt(self, handle, ep):
        handle.log.append("clear_halt")

    def reset_device(self, handle):
        raise AssertionError("a printer that is reset forgets what it has not printed")

    def ctrl_transfer(self, handle, request_type, request, value, index, data, timeout):  # noqa: PLR0917  # pyusb's own signature
        handle.check()
        kind, number = value >> 8, value & 0xFF
        text = b"\x04\x03\x09\x04" if not number else None
        if text is None:
            words = {1: "EPSON", 2: "TM-T88V", 3: handle.serial}[number].encode("utf-16-le")
            text = bytes((len(words) + 2, kind)) + words
        data[: len(text)] = array.array("B", text)
        return len(text)

    def bulk_write(self, handle, ep, intf, data, timeout):
        handle.check()
        if handle.hold.is_set():
            with handle.changed:
                handle.changed.wait(0.01)
            handle.check()
            raise usb_error(errno.ETIMEDOUT, kind=usb.core.USBTimeoutError)
        taken = min(len(data), 1000)  # as libusb does when a time-out strikes in mid-transfer
        handle.taken += bytes(data[:taken])
        return taken

    def bulk_read(self, handle, ep, intf, buff, timeout):
        handle.reads += 1
        with handle.changed:
            handle.check()
            if handle.stalls:
                handle.stalls -= 1
                raise usb_error(errno.EPIPE)
            if not handle.answers:
                handle.changed.wait(timeout / 1000 / 10)
            handle.check()
            if not handle.answers:
                raise usb_error(errno.ETIMEDOUT, kind=usb.core.USBTimeoutError)
            data = handle.answers.pop(0)
        buff[: len(data)] = array.array("B", data)
        return len(data)


def wait_for(what, limit_s=5.0):
    """For what happens in a thread."""
    end = time.monotonic() + limit_s
    while not what():
        if time.monotonic() > end:
            raise AssertionError("it does not happen")
        time.sleep(0.001)
