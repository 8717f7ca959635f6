"""The payments' campaign, one protocol after the other: `python tests/e2e/payments_campaign.py [PROTOCOL ...]`.

Says how far it is on standard error, a line for each protocol on standard output, and writes each one's record as JSON.
Ends with 1 if anything was wrong or came to no end; what that shop left on the disk is kept then.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from e2e_pay_campaign import Campaign, long_plan
from e2e_pay_nursery import Nursery
from e2e_pay_report import RESULTS
from e2e_pay_shop import Protocol, protocols


async def campaign(protocol: Protocol, results: Path) -> bool:
    """Whether nothing was wrong."""
    folder = Path(tempfile.mkdtemp(prefix=f"campaign-{protocol.name}-"))
    async with Nursery() as nursery:
        report = await Campaign(folder, long_plan(protocol), aloud=True).run(nursery)
    path = report.keep(results)
    print(report.line(), flush=True)
    if not report.wrong:
        shutil.rmtree(folder)
        return True
    for words in report.wrong:
        print(f"WRONG {words}", flush=True)
    print(f"{protocol.name}: record in {path}, the shop's files in {folder}", flush=True)
    return False


def main(words: Sequence[str] | None = None) -> int:
    known = {one.name: one for one in protocols()}
    parser = argparse.ArgumentParser(description="Thousands of payments for each protocol, with faults and kill -9.")
    parser.add_argument("protocols", nargs="*", choices=[*known, []], help="which; without any: all")
    parser.add_argument("--payments", type=int, help="for each protocol (PAYMENTS of the environment, or 2000)")
    parser.add_argument("--seed", help="(SEED of the environment, or the protocol's name)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the records")
    asked = parser.parse_args(words)
    if asked.payments is not None:
        os.environ["PAYMENTS"] = str(asked.payments)
    if asked.seed is not None:
        os.environ["SEED"] = asked.seed
    wanted = [known[name] for name in asked.protocols] or list(known.values())
    bad, began = [], time.monotonic()
    for number, one in enumerate(wanted):
        print(
            f"{one.name}: protocol {number + 1} of {len(wanted)}, {len(bad)} wrong so far", file=sys.stderr, flush=True
        )
        try:
            well = asyncio.run(campaign(one, asked.results))
        except Exception:  # noqa: BLE001  # a shop that came to no end is told with the others
            traceback.print_exc()
            well = False
        if not well:
            bad.append(one.name)
    minutes = (time.monotonic() - began) / 60
    print(f"{len(wanted)} protocols in {minutes:.1f} min; wrong: {', '.join(bad) or 'none'}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
