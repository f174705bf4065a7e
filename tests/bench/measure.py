"""What all benchmarks share: a road's seconds measured beside another's, the machine, and a row of the report.

A speed is a ratio of medians: the roads run by turns in one process, so whatever slows the machine slows them all.

Easy to get wrong: a machine that does something else as well. Threads that wait for each other between two matrix
products then wait for the other program, and networks whose products are small suffer ten times more than others.
The load before the run is therefore part of the report.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from reading_neurons.corpora import CaptionCorpus, files, load
from reading_neurons.corpora.coco import FAMILY

PRODUCT = 4096  # rows and columns of the matrices whose product measures the machine's peak


@dataclass(frozen=True)
class Row:
    """One road beside ours."""

    name: str
    against: str
    ours: float
    """Median of our road, in the row's unit."""
    other: float
    """That of the other road, or what was promised."""
    target: float | None
    """The ratio promised; None where nothing is."""
    note: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times the other road's speed ours has."""
        return self.other / self.ours

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        return None if self.target is None else self.ratio >= self.target

    def as_dict(self) -> dict[str, object]:
        """Everything a report keeps of the row."""
        fields = ("name", "against", "ours", "other", "unit", "ratio", "target", "holds", "note")
        return {field: getattr(self, field) for field in fields}

    def __str__(self) -> str:
        promise = "" if self.target is None else f"  target {self.target:g} {'holds' if self.holds else 'MISSED'}"
        return (
            f"{self.name:14} {self.ours:8.3f} {self.unit}, {self.against}: {self.other:8.3f} {self.unit}, "
            f"ratio {self.ratio:5.2f}{promise}"
            f"{'  ' + self.note if self.note else ''}"
        )


def interleaved(roads: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each road over repeats in which every road runs once; each comes first in turn."""
    names = list(roads)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for repeat in range(repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            began = time.perf_counter()
            roads[name]()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(spent) for name, spent in seconds.items()}


def product() -> tuple[Callable[[], object], int]:
    """A road that multiplies two large fp32 matrices, and how many operations that takes."""
    left, right, into = (torch.rand(PRODUCT, PRODUCT) for _ in range(3))
    return lambda: torch.mm(left, right, out=into), 2 * PRODUCT**3


def alone(asked: Callable[..., tuple[float, ...]], *arguments: str | int) -> tuple[float, ...]:
    """What a function of a benchmark gives in a process that has imported its module and nothing else.

    A process that ``multiprocessing`` spawns imports the program too, and with it every other benchmark and its packages.
    """
    code = (
        "import json, sys\n"
        f"from {asked.__module__} import {asked.__name__} as asked\n"
        "sys.stdout.write(json.dumps(asked(*json.loads(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, json.dumps(arguments)]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{asked.__module__}.{asked.__name__} failed in a process of its own:\n{done.stderr}")
    return tuple(json.loads(done.stdout))


def peak_memory() -> float:
    """The most memory that this process has held since its program started, in GB.

    What ``getrusage`` gives is at least that of the process that started it, so it is taken where there is no other.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return (peaks[0] if peaks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024**2


def captions() -> CaptionCorpus:
    """COCO where its files are at hand, else the generated corpus."""
    return load("coco" if files.data_folder(FAMILY) else "scenes")


def machine() -> dict[str, object]:
    """What ran the benchmarks, and how busy it was with other things before."""
    multiply, operations = product()
    multiply()
    return {
        "processor": _processor(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "load before": round(os.getloadavg()[0], 2),
        "fp32 product, GFLOP/s": round(operations / interleaved({"product": multiply}, 5)["product"] / 1e9, 1),
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
