"""The command line: ``python -m reading_neurons reproduce EXPERIMENT --corpus CORPUS``, ``ship NETWORK``."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from reading_neurons.experiments import EXPERIMENTS, shipping
from reading_neurons.experiments.record import Record


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all went well, 1 with a message on standard error if not."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        record, path = {"reproduce": _reproduce, "ship": _ship}[options.command](options)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{record.claim_table().to_string(index=False)}\nrecorded in {path}\n")
    return 0


def _reproduce(options: argparse.Namespace) -> tuple[Record, Path]:
    corpus = () if options.corpus is None else (options.corpus,)
    record = EXPERIMENTS[options.experiment](*corpus, quick=options.quick, seed=options.seed)
    return record, record.write(options.folder)


def _ship(options: argparse.Namespace) -> tuple[Record, Path]:
    card, record = shipping.ship(
        options.network, options.corpus, quick=options.quick, seed=options.seed, folder=options.folder,
        results=options.results,
    )  # fmt: skip
    return record, card


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reading_neurons", description="Read what neurons respond to.")
    commands = parser.add_subparsers(dest="command", required=True)
    reproduce = commands.add_parser("reproduce", help="run an experiment at the paper's size and record it")
    reproduce.add_argument("experiment", choices=sorted(EXPERIMENTS))
    reproduce.add_argument("--corpus", help="by default the experiment's own real one; scenes or polarity are generated")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.add_argument("--quick", action="store_true", help="every step, tiny: no figure means anything")
    reproduce.add_argument("--folder", type=Path, default=Path("book/results"), help="where the record goes")
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
