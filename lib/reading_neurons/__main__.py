"""The command line: ``python -m reading_neurons reproduce EXPERIMENT --corpus CORPUS``, ``ship NETWORK``, ``judge``."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from reading_neurons import verdicts
from reading_neurons.experiments import EXPERIMENTS, judging, shipping
from reading_neurons.experiments.record import Record, read


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all went well, 1 with a message on standard error if not."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        said = {"reproduce": _reproduce, "ship": _ship, "judge": _judge}[options.command](options)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _reproduce(options: argparse.Namespace) -> str:
    corpus = () if options.corpus is None else (options.corpus,)
    record = EXPERIMENTS[options.experiment](*corpus, quick=options.quick, seed=options.seed)
    return _recorded(record, record.write(options.folder))


def _ship(options: argparse.Namespace) -> str:
    card, record = shipping.ship(
        options.network, options.corpus, quick=options.quick, seed=options.seed, folder=options.folder,
        results=options.results,
    )  # fmt: skip
    return _recorded(record, card)


def _recorded(record: Record, path: Path) -> str:
    return f"{record.claim_table().to_string(index=False)}\nrecorded in {path}"


def _judge(options: argparse.Namespace) -> str:
    """What changed; all records are judged before the first is written."""
    if not (paths := sorted(options.folder.glob("*.json"))):
        raise ValueError(f"no record in {options.folder}: give the folder they are in with --folder")
    before = [read(path) for path in paths]
    after = [judging.judged(record) for record in before]
    lines = []
    for old, new in zip(before, after, strict=True):
        if new is old:
            continue
        new.write(options.folder)
        for was, now in zip(old.claims, new.claims, strict=True):
            if was.holds is not now.holds:
                verdict, other = (verdicts.of(claim.holds, claim.here) for claim in (was, now))
                lines.append(f"{new.name}: {verdict} -> {other}: {now.claim}")
    return "\n".join([*lines, f"{len(lines)} verdicts changed in {len(paths)} records"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reading_neurons", description="Read what neurons respond to.")
    commands = parser.add_subparsers(dest="command", required=True)
    reproduce = commands.add_parser("reproduce", help="run an experiment at the paper's size and record it")
    reproduce.add_argument("experiment", choices=sorted(EXPERIMENTS))
    reproduce.add_argument("--corpus", help="by default the experiment's own real one; scenes or polarity are generated")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.add_argument("--quick", action="store_true", help="every step, tiny: no figure means anything")
    reproduce.add_argument("--folder", type=Path, default=Path("book/results"), help="where the record goes")
    judge = commands.add_parser("judge", help="bring the verdicts of recorded claims up to date, from their tables")
    judge.add_argument("--folder", type=Path, default=Path("book/results"), help="where the records are")
    ship = commands.add_parser("ship", help="train, measure and write a network that comes with the package")
    ship.add_argument("network", choices=shipping.NAMES)
    ship.add_argument("--corpus", choices=shipping.CORPORA, default="coco")
    ship.add_argument("--seed", type=int, default=0)
    ship.add_argument("--quick", action="store_true", help="every step, tiny: no figure means anything")
    ship.add_argument("--folder", type=Path, help="where weights and card go; by default into the package")
    ship.add_argument("--results", type=Path, default=Path("book/results"), help="where the record goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
