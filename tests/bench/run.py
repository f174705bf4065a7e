"""The speeds that the project promises, each as a ratio: ``python tests/bench/run.py [NAME ...] [--json FILE]``.

A benchmark is a function without arguments that returns rows; a further method adds one to :data:`BENCHES`.
Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import book_speed
import budget_speed
import carrying_speed
import contexts_speed
import copy_speed
import input_optimization_speed
import measure
import mutual_information_speed
import omission_models_speed
import omission_speed
import relevance_speed
import saliency_speed
import scale_speed
import training_speed

captions = cache(measure.captions)
BENCHES: dict[str, Callable[[], list[measure.Row]]] = {
    "contexts-1024": lambda: contexts_speed.rows(captions()),
    "copies-256": lambda: copy_speed.rows(captions()),
    "inputs-1024": lambda: input_optimization_speed.rows(captions()),
    "information-1024": lambda: mutual_information_speed.rows(captions()),
    "omission-1024": lambda: omission_speed.rows(captions(), units=1024),
    "omission-256": lambda: omission_speed.rows(captions(), units=256, repeats=5),
    "omission-models": lambda: omission_models_speed.rows(),
    "relevance": lambda: relevance_speed.rows(),
    "saliency": lambda: saliency_speed.rows(),
    "scale-1024": lambda: scale_speed.rows(captions()),
    "training-1024": lambda: training_speed.rows(captions()),
    "carrying-1024": lambda: carrying_speed.rows(captions()),
    "training-default": lambda: budget_speed.rows(),
    "book": lambda: book_speed.pages(),
    "answers": lambda: book_speed.answers(),
}
BUSY = 0.5  # load above which other programs are in the way


def main(arguments: list[str] | None = None) -> int:
    """Run benchmarks, print their rows, write them as JSON; 0 whether or not the targets hold."""
    options = _options(arguments)
    machine = measure.machine()
    _say(", ".join(f"{fact}: {value}" for fact, value in machine.items()))
    if machine["load before"] > BUSY:
        _say("Other programs are running, or were a minute ago: these figures mean little. Wait until they are done.")
    rows = []
    for name in options.names or BENCHES:
        for row in BENCHES[name]():
            rows.append(row)
            _say(str(row))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine, "rows": [row.as_dict() for row in rows]}
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf8")
    _say(f"written to {options.json}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the speeds that the project promises, each as a ratio.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)}; all if none is named")
    parser.add_argument("--json", type=Path, default=Path("dist/bench.json"), metavar="FILE", help="where rows go")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHES]:
        parser.error(f"unknown benchmark {', '.join(map(repr, unknown))}; known are {', '.join(BENCHES)}")
    return options


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
