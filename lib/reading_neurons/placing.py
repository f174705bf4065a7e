"""Whether every claim has its place on the scoreboard: the recorded ones, and those of the papers.

The board copes with a record that it does not know; this module says what is to be written where before it is whole.
Easy to get wrong: calling a test that failed one that the paper did not ask for. Beside a claim, without deciding it,
may stand only what a record says that the paper does not ask, or what was asked of another corpus.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from reading_neurons import scoreboard
from reading_neurons.experiments.record import Record
from reading_neurons.paper_claims import PAPERS, UNPLACED, PaperClaim, matches, registry

NOT_ASKED = ("planted", "no base rate", "no control", "not asked", "not measured", "not tested", "(learnt)", "known")
"""What a record prints as its paper where the paper does not ask."""


def problems(folder: str | Path, claims: Sequence[PaperClaim] | None = None) -> list[str]:
    """What is missing from the board, each with how to mend it; a test wants an empty list.

    Parameters
    ----------
    folder : path
        Where the records are; the chapters are expected in the folder above it.
    claims : sequence of PaperClaim, optional
        By default those of the four papers and our own.

    Returns
    -------
    list of str
        Recorded claims that are placed nowhere; patterns that no recorded claim has; claims of a paper without an
        answer and without a reason, or with both; tests beside a claim that ought to decide it; chapters that are not
        there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from reading_neurons.experiments import Claim
    >>> found = Record("omission", "coco", claims=[Claim("Nouns count", "above 0", 0.5, (0.4, 0.6), True)])
    >>> with TemporaryDirectory() as folder:
    ...     _ = found.write(Path(folder))
    ...     problems(folder, claims=[])[0][:50]
    'omission-coco: the claim "Nouns count" is placed n'
    """
    claims = registry() if claims is None else claims
    found = scoreboard.records(folder)
    return [
        *_unplaced(folder, claims),
        *(text for record in found for claim in claims for text in _wrongly_beside(record, claim)),
        *(text for claim in claims for text in _stale(claim, {record.name: record for record in found})),
        *(text for claim in claims if claim.paper in PAPERS for text in _unsaid(claim)),
        *_without_chapter(found, claims, Path(folder).parent),
    ]


def _unplaced(folder: str | Path, claims: Sequence[PaperClaim]) -> Iterable[str]:
    board = scoreboard.read(folder, claims)
    for row in board[board["kind"] == UNPLACED].itertuples():
        yield (
            f"{row.experiment}-{row.corpus}: the claim {json.dumps(row.asked, ensure_ascii=False)} is placed nowhere; "
            "name it in reading_neurons/papers, under the claim of a paper that it answers or in ours.toml"
        )


def _wrongly_beside(record: Record, said: PaperClaim) -> Iterable[str]:
    if record.name not in said.answers:  # another corpus than the paper's
        return
    for claim in record.claims:
        asked = claim.paper not in NOT_ASKED and not said.answered_by(record.name, claim.claim)
        if asked and said.stands_beside(record.name, claim.claim):
            yield (
                f"papers/{said.paper}.toml: {claim.claim!r} of {record.name} stands beside a claim of which the record "
                f"says that the paper prints {claim.paper!r}; it tests that claim, so put it among the answers"
            )


def _stale(claim: PaperClaim, known: dict[str, Record]) -> Iterable[str]:
    for record, patterns in [*claim.answers.items(), *claim.beside.items()]:
        recorded = [each.claim for each in known[record].claims] if record in known else []
        for pattern in patterns:
            if not any(matches(text, pattern) for text in recorded):
                yield (
                    f"papers/{claim.paper}.toml: found no claim {pattern!r} in the record {record}; take it out, or "
                    "write it as it is recorded now"
                )


def _unsaid(claim: PaperClaim) -> Iterable[str]:
    where = f"papers/{claim.paper}.toml, claim {claim.number + 1}"
    if not claim.answers and not claim.untested:
        yield f"{where}: found no answer and no reason; say which recorded claims answer it, or why it is untested"
    if claim.answers and claim.untested:
        yield f"{where}: found an answer and a reason why there is none; take one of them out"
    if claim.untested and not claim.chapter:
        yield f"{where}: found no chapter; name the one that comes nearest to what is untested"


def _without_chapter(found: Iterable[Record], claims: Iterable[PaperClaim], book: Path) -> Iterable[str]:
    named = {scoreboard.chapter_of(record.experiment): f"the record {record.name}" for record in found}
    named.update({claim.chapter: f"papers/{claim.paper}.toml" for claim in claims if claim.chapter})
    for chapter, who in named.items():
        if not (book / f"{chapter}.md").exists():
            yield f"{who}: found no chapter {chapter}.md in the book; name its chapter in scoreboard.CHAPTERS"
