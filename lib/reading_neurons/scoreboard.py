"""Which claims of the four papers hold: every recorded claim, beside the claim of a paper that it answers.

The records of ``book/results`` say what was found, :mod:`reading_neurons.paper_claims` says what was claimed. Every
recorded claim is on the board, and so is every claim of a paper, if only with the reason why it is not testable here:
:mod:`reading_neurons.placing` says what is missing, and a test wants nothing to be.

Easy to get wrong: what an interval is of. Where one network was trained it is of sentences, units or neurons, and says
nothing of how another training would have turned out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reading_neurons import verdicts
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.experiments.record import read as read_record
from reading_neurons.paper_claims import BESIDE, BEYOND, PAPER, PAPERS, PLANTED, UNPLACED, PaperClaim, registry

CHAPTERS = {
    "composition-widths": "composition",
    "grammar": "grammar-in-neurons",
    "inspection-truth": "inspection",
    "optimization-peers": "input-optimization",
    "published-schedule": "input-optimization",
}
"""The chapter that shows an experiment, where it has another name."""

OUR_OWN = ("design", "promised")
"""What a record prints as its paper where the claim is about this book's own design."""

BY_CHANCE = 0.025
"""How often a 95 % interval lies on one side of a bound by chance, where the truth is the bound itself."""

_COLUMNS = (
    "kind", "verdict", "paper", "number", "section", "claim", "asked", "prints", "here", "interval",
    "corpus", "experiment", "chapter", "reason",
)  # fmt: skip


def read(folder: str | Path, claims: Sequence[PaperClaim] | None = None) -> pd.DataFrame:
    """Every claim of the papers and every recorded claim, what failed first.

    Parameters
    ----------
    folder : path
        Where the records are; a chapter calls it with ``results``.
    claims : sequence of PaperClaim, optional
        By default those of the four papers and our own.

    Returns
    -------
    DataFrame
        One row per recorded claim and claim of a paper that it answers, and one per claim of a paper that nothing
        answers: ``kind`` (one of
        :data:`reading_neurons.paper_claims.KINDS`),
        ``verdict``, ``paper`` and ``number`` (of the claim in its file), ``section``, ``claim`` (in our own words),
        ``asked`` (as it was tested), ``prints`` (what the paper says), ``here``, ``interval``, ``corpus``,
        ``experiment``, ``chapter`` and ``reason`` (why it is not testable here).

    Raises
    ------
    FileNotFoundError
        If the folder holds no record.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> ahead = Claim("the default wins", "promised", 0.5, (0.4, 0.6), True)
    >>> with TemporaryDirectory() as folder:
    ...     _ = Record("published-schedule", "scenes", claims=[ahead]).write(Path(folder))
    ...     board = read(folder, claims=[])
    >>> board[["kind", "verdict", "chapter"]].values.tolist()
    [['ours, beyond the papers', 'holds', 'input-optimization']]
    """
    claims = registry() if claims is None else claims
    rows = [row for record in records(folder) for claim in record.claims for row in _placed(record, claim, claims)]
    answered = {(row["paper"], row["number"]) for row in rows if row["kind"] == PAPER}
    rows += [_unanswered(claim) for claim in claims if claim.paper in PAPERS and _key(claim) not in answered]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    order = table["verdict"].map(verdicts.ORDER.index)
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def records(folder: str | Path) -> list[Record]:
    """All records of a folder, by name.

    Raises
    ------
    FileNotFoundError
        If there is none.

    Examples
    --------
    >>> records("nowhere")
    Traceback (most recent call last):
        ...
    FileNotFoundError: found no record in nowhere, expected files such as omission-coco.json; give the folder \
book/results, or make records with: make reproduce
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise FileNotFoundError(
            f"found no record in {folder}, expected files such as omission-coco.json; "
            "give the folder book/results, or make records with: make reproduce"
        )
    return [read_record(path) for path in paths]


def summary(board: pd.DataFrame, claims: Sequence[PaperClaim] | None = None) -> pd.DataFrame:
    """The claims of the papers, each with the verdict of its tests together, what failed first.

    Parameters
    ----------
    board : DataFrame
        As :func:`read` returns it.
    claims : sequence of PaperClaim, optional
        Those that the board was made with.

    Returns
    -------
    DataFrame
        One row per claim of a paper: ``paper``, ``number``, ``short``, ``section``, ``topic``, ``where``, ``claim``,
        ``prints``, ``verdict`` (:func:`reading_neurons.verdicts.together`), ``tests``, ``hold``, ``fail`` (numbers of
        recorded claims), ``beside`` (how many stand beside it), ``beside_hold``, ``chapters`` (a
        tuple), ``reason`` and ``note``.

    Examples
    --------
    >>> said = PaperClaim("kadar2017", 0, "Verbs are hard to learn", untested="A conjecture.", chapter="omission")
    >>> summary(pd.DataFrame([_unanswered(said)]), [said])[["claim", "verdict"]].values.tolist()
    [['Verbs are hard to learn', 'not testable here']]
    """
    claims = registry() if claims is None else claims
    rows = [_summed(claim, board) for claim in claims if claim.paper in PAPERS]
    table = pd.DataFrame(rows)
    return table.iloc[table["verdict"].map(verdicts.ORDER.index).argsort(kind="stable")].reset_index(drop=True)


def by_chance(board: pd.DataFrame) -> pd.DataFrame:
    """How many tests would hold by chance, if nothing were true, beside how many do.

    Parameters
    ----------
    board : DataFrame
        As :func:`read` returns it.

    Returns
    -------
    DataFrame
        One row per kind of claim: ``tests`` (recorded claims that have an interval, each counted once), ``hold``,
        ``fail``, ``undecided``, and ``by chance``: how many of the tests would hold if the truth were the bound in
        each, and as many would fail.

    Examples
    --------
    >>> tests = pd.DataFrame({"kind": BEYOND, "experiment": "omission", "corpus": "coco", "asked": ["so", "thus"],
    ...                       "interval": [(0.1, 0.3), (-0.1, 0.2)], "verdict": ["holds", "undecided"]})
    >>> by_chance(tests)[["tests", "hold", "fail", "undecided"]].values.tolist()
    [[2, 1, 0, 1]]
    """
    seen = board[board["interval"].map(_has_width) & (board["kind"] != PLANTED)]
    seen = seen.drop_duplicates(["kind", "experiment", "corpus", "asked"])
    counted = pd.DataFrame({
        "kind": seen["kind"], "tests": 1, "hold": seen["verdict"] == verdicts.HOLDS,
        "fail": seen["verdict"] == verdicts.FAILS, "undecided": seen["verdict"] == verdicts.UNDECIDED,
        "by chance": BY_CHANCE,
    })  # fmt: skip
    return counted.groupby("kind", sort=False).sum().round(1).reset_index()


def sources(folder: str | Path) -> pd.DataFrame:
    """Where the board comes from: one row per record.

    Returns
    -------
    DataFrame
        ``record``, ``claims``, ``command``, ``date``, ``seconds``, ``commit`` (its first ten digits).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> made = Record("omission", "coco", provenance={"command": "python -m reading_neurons reproduce omission"})
    >>> with TemporaryDirectory() as folder:
    ...     _ = made.write(Path(folder))
    ...     sources(folder)["record"].tolist()
    ['omission-coco']
    """
    return pd.DataFrame([
        {
            "record": record.name, "claims": len(record.claims), "command": record.provenance.get("command", ""),
            "date": record.provenance.get("date", ""), "seconds": record.provenance.get("seconds"),
            "commit": str(record.provenance.get("commit") or "")[:10],
        }
        for record in records(folder)
    ])  # fmt: skip


def chapter_of(experiment: str) -> str:
    """The chapter that shows an experiment.

    Examples
    --------
    >>> chapter_of("omission"), chapter_of("published-schedule")
    ('omission', 'input-optimization')
    """
    return CHAPTERS.get(experiment, experiment)


def _key(claim: PaperClaim) -> tuple[str, int]:
    return claim.paper, claim.number


def _placed(record: Record, claim: Claim, claims: Iterable[PaperClaim]) -> list[dict[str, Any]]:
    """The rows of one recorded claim: each claim that it answers or stands beside, or what else it is."""
    rows = []
    for said in claims:
        if said.answered_by(record.name, claim.claim):
            rows.append(_row(record, claim, PAPER if said.paper in PAPERS else BEYOND, said))
        elif said.stands_beside(record.name, claim.claim):
            rows.append(_row(record, claim, BESIDE, said))
    if claim.paper == "planted":
        rows.append(_row(record, claim, PLANTED))
    if not rows:
        rows.append(_row(record, claim, BEYOND if claim.paper in OUR_OWN else UNPLACED))
    return rows


def _row(record: Record, claim: Claim, kind: str, said: PaperClaim | None = None) -> dict[str, Any]:
    return {
        "kind": kind, "verdict": verdicts.of(claim.holds, claim.here), "paper": said.paper if said else "",
        "number": said.number if said else -1, "section": said.section if said else "",
        "claim": said.claim if said else "", "asked": claim.claim,
        "prints": said.prints if said and kind == PAPER and claim.paper == "planted" else claim.paper,
        "here": claim.here, "interval": claim.interval, "corpus": record.corpus, "experiment": record.experiment,
        "chapter": chapter_of(record.experiment), "reason": "",
    }  # fmt: skip


def _unanswered(claim: PaperClaim) -> dict[str, Any]:
    return {
        "kind": PAPER, "verdict": verdicts.UNTESTED, "paper": claim.paper, "number": claim.number,
        "section": claim.section, "claim": claim.claim, "asked": "", "prints": claim.prints, "here": math.nan,
        "interval": (math.nan, math.nan), "corpus": "", "experiment": "", "chapter": claim.chapter,
        "reason": claim.untested or "No record has what would answer it.",
    }  # fmt: skip


def _summed(claim: PaperClaim, board: pd.DataFrame) -> dict[str, Any]:
    mine = board[(board["paper"] == claim.paper) & (board["number"] == claim.number)]
    tests, beside = mine[mine["kind"] == PAPER], mine[mine["kind"] == BESIDE]
    made = tests[tests["asked"] != ""]
    return {
        "paper": claim.paper, "number": claim.number, "short": claim.short, "section": claim.section,
        "topic": claim.topic, "where": claim.where, "claim": claim.claim, "prints": claim.prints,
        "verdict": verdicts.together(tests["verdict"]), "tests": len(made),
        "hold": int((made["verdict"] == verdicts.HOLDS).sum()), "fail": int((made["verdict"] == verdicts.FAILS).sum()),
        "beside": len(beside), "beside_hold": int((beside["verdict"] == verdicts.HOLDS).sum()),
        "chapters": tuple(dict.fromkeys(tests["chapter"])), "reason": tests["reason"].iloc[0], "note": claim.note,
    }  # fmt: skip


def _has_width(interval: tuple[float, float]) -> bool:
    return bool(interval[1] > interval[0])
