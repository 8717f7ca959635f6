"""Every measurement through one door: `make bench`, or `python -m benchmarks [--only NAME ...] [--json FILE]`.

Ratios are to what this disk and machine do in the same run; figures of different runs or machines do not compare.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import (
    catalogue_import,
    checkout,
    domain,
    drawing,
    idle,
    journal,
    payments,
    prints,
    sales,
    scanners,
    scans,
    sockets,
    starts,
)
from benchmarks.figures import Benchmark, Figure

BENCHMARKS: dict[str, Benchmark] = {
    "sales": sales.figures,
    "million": sales.with_a_million,
    "scan": scans.figures,
    "scanner": scanners.figures,
    "print": prints.figures,
    "payment": payments.figures,
    "sockets": sockets.figures,
    "idle": idle.figures,
    "start": starts.figures,
    "journal": journal.figures,
    "writer": checkout.figures,
    "import": catalogue_import.figures,
    "domain": domain.figures,
    "drawing": drawing.figures,
}
WIDTHS = (44, 18, 26, 10, 6)
HEADS = ("what", "figure", "of the limit", "goal", "")


def line(cells: tuple[str, ...]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--directory", type=Path, help="on the disk to measure; default: a temporary one")
    options = parser.parse_args()
    found: dict[str, list[Figure]] = {}
    print(line(HEADS))
    for name in options.only:
        begun = time.perf_counter()
        print(f"-- {name}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=options.directory, prefix=f"bench-{name}-") as folder:
            found[name] = []
            for figure in BENCHMARKS[name](Path(folder)):
                found[name].append(figure)
                print(line(figure.row()), flush=True)
        print(f"-- {name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    missed = [figure.name for figures in found.values() for figure in figures if figure.met is False]
    print(f"\n{len(missed)} goals missed" + (": " + "; ".join(missed) if missed else ""))
    if options.json is not None:
        text = {name: [figure.plain() for figure in figures] for name, figures in found.items()}
        options.json.write_text(json.dumps(text, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
