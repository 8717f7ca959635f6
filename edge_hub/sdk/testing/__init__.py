"""For those who test drivers: bad wires, a bench that runs a driver without the hub, the contract of all."""

from edge_hub.sdk.testing.bench import Bench, Rig, Wiring, pace, settle, until
from edge_hub.sdk.testing.contract import WIRES, WireKind, hold, hold_role
from edge_hub.sdk.testing.wires import Delayed, Garbage, HalfOpen, Lossy, OneByte, Torn, Unplugged, Wire

__all__ = [
    "WIRES",
    "Bench",
    "Delayed",
    "Garbage",
    "HalfOpen",
    "Lossy",
    "OneByte",
    "Rig",
    "Torn",
    "Unplugged",
    "Wire",
    "WireKind",
    "Wiring",
    "hold",
    "hold_role",
    "pace",
    "settle",
    "until",
]
