"""The command line: ``python -m reading_neurons reproduce EXPERIMENT --corpus CORPUS``."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from reading_neurons.experiments import EXPERIMENTS


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all went well, 1 with a message on standard error if not."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        corpus = () if options.corpus is None else (options.corpus,)
        record = EXPERIMENTS[options.experiment](*corpus, quick=options.quick, seed=options.seed)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    path = record.write(options.folder)
    sys.stdout.write(f"{record.claim_table().to_string(index=False)}\nrecorded in {path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reading_neurons", description="Read what neurons respond to.")
    commands = parser.add_subparsers(dest="command", required=True)
    reproduce = commands.add_parser("reproduce", help="run an experiment at the paper's size and record it")
    reproduce.add_argument("experiment", choices=sorted(EXPERIMENTS))
    reproduce.add_argument("--corpus", help="by default the experiment's own real one; scenes or polarity are generated")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.add_argument("--quick", action="store_true", help="every step, tiny: no figure means anything")
    reproduce.add_argument("--folder", type=Path, default=Path("book/results"), help="where the record goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
