"""The daemon: puts the house together, keeps it running, and stops it in order.

Core tasks run in one TaskGroup: one that fails ends the process, systemd starts it again, and the journal makes that
safe. Device tasks are contained by their supervisors. A stop has stages, each with a limit: refuse new work, finish
what is in hand, stop the devices, close the writer.
"""

from edge_hub.daemon.check import check_devices
from edge_hub.daemon.process import run
from edge_hub.daemon.running import RunningHub, hub

__all__ = ["RunningHub", "check_devices", "hub", "run"]
