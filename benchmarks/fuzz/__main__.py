"""Damaged and hostile inputs for everything that reads.

    python -m benchmarks.fuzz                              10,000 inputs for each target (those of a store: fewer)
    python -m benchmarks.fuzz jsonl html --inputs 500      some targets, so many inputs
    python -m benchmarks.fuzz --list                       all targets
    python -m benchmarks.fuzz html --seed 7 --number 123   one input again, in this process, with its traceback
    python -m benchmarks.fuzz html --coverage              guided by coverage, without end (needs atheris)

An input is made of the target's name, the seed and its number, so these three make it again anywhere. Findings are
printed and their inputs are kept in a folder.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fuzz.campaign import Finding, Summary, check_input, run_campaign, work
from benchmarks.fuzz.coverage import run_coverage
from benchmarks.fuzz.target import input_of
from benchmarks.fuzz.targets import TARGETS

_INPUTS = 10_000
_INPUTS_OF_STORES = 1_000
_SHOWN_OF_A_KIND = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the targets; return 1 where there are findings."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.work:
        name, *numbers = options.work
        work(name, *map(int, numbers))
        return 0
    if options.list:
        print("\n".join(TARGETS))
        return 0
    unknown = sorted(set(options.targets) - set(TARGETS))
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    names = options.targets or list(TARGETS)
    if options.number is not None:
        return max(_again(name, options.seed, options.number, options.findings) for name in names)
    if options.coverage:
        return run_coverage(TARGETS[names[0]], options.findings)
    found = False
    for name in names:
        inputs = options.inputs or (_INPUTS_OF_STORES if TARGETS[name].seconds > 10 else _INPUTS)
        found |= _run(name, options.seed, range(options.first, options.first + inputs), options.findings)
    return int(found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all without it")
    parser.add_argument("--inputs", type=int, help=f"for each target ({_INPUTS:,}; of a store {_INPUTS_OF_STORES:,})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--number", type=int, help="check this input alone, in this process")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="folder for inputs with findings")
    parser.add_argument("--coverage", action="store_true", help="guided by coverage, with atheris")
    parser.add_argument("--list", action="store_true", help="list the targets")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    return parser


def _again(name: str, seed: int, number: int, folder: Path) -> int:
    data = input_of(TARGETS[name], seed, number)
    wrong = check_input(TARGETS[name], data, Summary(target=name))
    if wrong is None:
        print(f"{name} {seed} {number}: {len(data):,} bytes, nothing wrong")
        return 0
    print(
        f"{name} {seed} {number}: {len(data):,} bytes, in {_keep(folder, name, seed, number)}\n{wrong[1]}\n{wrong[0]}"
    )
    return 1


def _run(name: str, seed: int, numbers: range, folder: Path) -> bool:
    total, kinds = Summary(target=name), dict[str, list[Finding]]()
    started = shown = time.monotonic()
    for summary in run_campaign(name, seed, numbers.start, numbers.stop):
        total.add(summary)
        for finding in summary.findings:
            alike = kinds.setdefault(finding.kind, [])
            alike.append(finding)
            if len(alike) <= _SHOWN_OF_A_KIND:
                print(f"  {name} --seed {seed} --number {finding.number}: {finding.what[:300]}")
                print(f"    in {_keep(folder, name, seed, finding.number)}", flush=True)
        if sys.stderr.isatty() and time.monotonic() - shown > 1:
            shown = time.monotonic()
            print(f"\r{name} {total.inputs:,}", end="", file=sys.stderr)
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(total.tally.items()))
    print(
        f"{name:<12} {total.inputs:>6,} inputs  {len(total.findings)} findings of {len(kinds)} kinds  slowest "
        f"{total.slowest_seconds:.2f} s  most {total.most_mebibytes:.0f} MiB  {told}  "
        f"({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return bool(total.findings)


def _keep(folder: Path, name: str, seed: int, number: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{seed}-{number}"
    path.write_bytes(input_of(TARGETS[name], seed, number))
    return path


if __name__ == "__main__":
    sys.exit(main())
