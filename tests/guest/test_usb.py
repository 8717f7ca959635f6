"""Real USB: the kernel's own gadgets, its printer driver, its input layer, a real serial line with parity."""

import sys
from pathlib import Path

from tests.guest import guest

SHOP = Path(__file__).with_name("usb_shop.py")
STEPS = {
    "finds_what_is_plugged_in",
    "prints_through_libusb",
    "prints_through_the_kernels_printer_driver",
    "reads_a_scanner_that_types",
    "weighs_over_seven_bits_even_parity",
    "weighs_by_hid_reports",
    "survives_the_plug",
}


def test_a_shop_on_usb(tmp_path, kernel):
    script = tmp_path / "shop.sh"
    script.write_text(f"exec {sys.executable} {SHOP}\n")
    console = []
    with guest.guest(kernel, script) as machine:
        for line in machine.stdout:
            console.append(line)
            if line.startswith(("END", "GUEST ended")):
                break
    text = "".join(console)
    print(text)
    passed = {line.split()[1] for line in console if line.startswith("PASS")}
    assert passed == STEPS, text
