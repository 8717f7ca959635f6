"""A HID POS scanner without hardware: "scan" a code and its reports come down the wire."""

from drivers.hidpos_scanner.codec import (
    AIM_BYTES,
    DATA_BYTES_MAX,
    MORE_AT,
    REPORT_BYTES,
    REPORT_ID,
    Kind,
    is_aim,
)
from drivers.hidpos_scanner.options import HidPosOptions
from edge_hub.sdk.packets import pack
from edge_hub.sdk.scanning.simulated import SimulatedScanner

OTHER_REPORT = bytes((0x04, 0x01, 0x00))
FAULTS = {
    "suffix": "a suffix CR is set, which this mode does not need",
    "double": "every code is sent twice",
    "lost_report": "the last report of a code that takes several does not arrive",
    "other_reports": "reports of other kinds (trigger, battery) come between",
    "short_reports": "every report is cut short",
}


class HidPosSimulator(SimulatedScanner):
    """One simulated scanner."""

    own_faults = FAULTS

    def __init__(self, options: HidPosOptions) -> None:
        super().__init__()
        self._options = options
        self._kind: Kind = "aim" if options.report == "auto" else options.report

    def encode(self, value: str) -> bytes:
        return b"".join(map(pack, self._reports(value)))

    def _reports(self, value: str) -> list[bytes]:
        raw = value.encode(self._options.encoding, "replace")
        aim = raw[:AIM_BYTES] if is_aim(raw[:AIM_BYTES]) else b""
        data = raw[len(aim) :] + (b"\r" if "suffix" in self.active_faults else b"")
        pieces = [data[at : at + DATA_BYTES_MAX] for at in range(0, len(data), DATA_BYTES_MAX)] or [b""]
        reports = [self._report(piece, aim, more=piece is not pieces[-1]) for piece in pieces]
        if "lost_report" in self.active_faults and len(reports) > 1:
            reports.pop()
        if "short_reports" in self.active_faults:
            reports = [report[:-1] for report in reports]
        if "other_reports" in self.active_faults:
            reports = [each for report in reports for each in (OTHER_REPORT, report)]
        return reports * 2 if "double" in self.active_faults else reports

    def _report(self, data: bytes, aim: bytes, *, more: bool) -> bytes:
        front = (
            b"" if self._kind == "plain" else (b"\x7a" if self._kind == "late" else b"") + aim.ljust(AIM_BYTES, b"\0")
        )
        report = (bytes((REPORT_ID, len(data))) + front + data).ljust(REPORT_BYTES, b"\0")
        return report[:MORE_AT] + bytes((more,))
