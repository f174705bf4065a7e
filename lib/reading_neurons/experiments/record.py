"""What a recorded result is: figures, the rows they come from, claims, and where all of it came from.

A record is one JSON file in ``book/results``. Chapters draw it beside the paper's own figures; nobody types a result
by hand. Every figure can be recomputed from the record's tables.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import math
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

PACKAGES = ("reading-neurons", "torch", "numpy", "pandas", "scipy", "spacy")
DIGITS = 6  # significant digits that a record keeps of a number


@dataclass(frozen=True)
class Claim:
    """One claim of a paper, tested.

    Attributes
    ----------
    claim : str
        What is claimed, in words.
    paper : str
        What the paper prints.
    here : float
        The figure found here.
    interval : (float, float)
        95 % interval of ``here``.
    holds : bool or None
        True where the whole interval is on the claim's side, False where none of it is, None where some is or there is
        no figure (:func:`reading_neurons.verdicts.decided`).
    """

    claim: str
    paper: str
    here: float
    interval: tuple[float, float]
    holds: bool | None


@dataclass
class Record:
    """Everything one experiment found on one corpus."""

    experiment: str
    corpus: str
    figures: dict[str, float] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of its file without the ending."""
        return f"{self.experiment}-{self.corpus}"

    def claim_table(self) -> pd.DataFrame:
        """One row per claim: ``claim``, ``paper``, ``here``, ``interval``, ``holds``."""
        return pd.DataFrame([asdict(claim) for claim in self.claims])

    def figure_table(self) -> pd.DataFrame:
        """One row per figure: ``figure``, ``here``."""
        return pd.DataFrame({"figure": list(self.figures), "here": list(self.figures.values())})

    def write(self, folder: Path) -> Path:
        """Write the record as JSON, whole or not at all, and return its path."""
        content = {
            "experiment": self.experiment,
            "corpus": self.corpus,
            "figures": self.figures,
            "claims": [asdict(claim) for claim in self.claims],
            "tables": {name: table.to_dict(orient="list") for name, table in self.tables.items()},
            "provenance": self.provenance,
        }
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            temporary.write_text(_as_json(_rounded(content)) + "\n", encoding="utf8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        return path


def read(path: str | Path) -> Record:
    """Read a record; a chapter calls it with ``results/omission-coco.json``. What was NaN is NaN again.

    Raises
    ------
    FileNotFoundError
        If there is no such record; the message gives the command that makes it.
    """
    path = Path(path)
    if not path.exists():
        experiment, _, corpus = path.stem.rpartition("-")
        raise FileNotFoundError(
            f"no recorded result at {path}; make it with: "
            f"python -m reading_neurons reproduce {experiment} --corpus {corpus}"
        )
    content = json.loads(path.read_text(encoding="utf8"))
    return Record(
        content["experiment"],
        content["corpus"],
        {name: _number(value) for name, value in content["figures"].items()},
        {name: _table(columns) for name, columns in content["tables"].items()},
        [
            Claim(**{**claim, "here": _number(claim["here"]), "interval": tuple(map(_number, claim["interval"]))})
            for claim in content["claims"]
        ],
        content["provenance"],
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _table(columns: dict[str, list]) -> pd.DataFrame:
    """A table; a column of nothing but null held numbers, which pandas cannot know."""
    table = pd.DataFrame(columns)
    return table.astype({name: float for name in table if len(table) and table[name].isna().all()})


def provenance(command: str, seed: int, data: Iterable[Path], networks: dict[str, Any], seconds: float) -> dict:
    """Where a result came from.

    Parameters
    ----------
    command : str
        What a reader types to get it again.
    seed : int
    data : iterable of Path
        The data files that were read; each is recorded by its name and sha256.
    networks : dict
        For each network its key and the sha256 of its weights.
    seconds : float
        What it took, training included.
    """
    return {
        "command": command,
        "seed": seed,
        "data": {path.name: sha256(path) for path in sorted(data)},
        "network": networks,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
        "seconds": round(seconds),
        **stamp(),
    }


def stamp() -> dict[str, str | None]:
    """Today's date, and the commit of the library's source."""
    return {"date": datetime.date.today().isoformat(), "commit": _commit()}


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _commit() -> str | None:
    """The commit of the library's source; None where it was installed without one, or git is not installed."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        asked = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    # In a repository without a commit git repeats its argument.
    return asked.stdout.strip() if asked.returncode == 0 else None


def _rounded(value: Any) -> Any:
    """Plain numbers with :data:`DIGITS` significant digits; what is not a number in JSON becomes null."""
    if isinstance(value, dict):
        return {str(key): _rounded(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def _as_json(content: dict[str, Any]) -> str:
    """JSON with one line per column of a table and per claim, so that a change can be read in a diff."""
    if not isinstance(content, dict):
        return json.dumps(content, ensure_ascii=False)
    return _block(content, 0)


def _block(value: Any, depth: int) -> str:
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value and depth < 3:
        inner = ",\n".join(f"{pad}{json.dumps(key)}: {_block(part, depth + 1)}" for key, part in value.items())
        return f"{{\n{inner}\n{' ' * depth}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        inner = ",\n".join(pad + json.dumps(part, ensure_ascii=False) for part in value)
        return f"[\n{inner}\n{' ' * depth}]"
    return json.dumps(value, ensure_ascii=False)
