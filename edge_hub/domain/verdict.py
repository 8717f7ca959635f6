"""What an answer says of a payment, and what it does to it: pure judgement, before anything is written."""

from enum import StrEnum


class Verdict(StrEnum):
    """`edge_hub.sdk.eft.model.Verdict`, as it is kept."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
