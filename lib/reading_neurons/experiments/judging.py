"""The verdicts of records by today's rules, from their own tables: nothing is measured again.

A record keeps what was measured and what was made of it. When a rule of judging changes, ``python -m reading_neurons
judge`` brings verdicts up to date. Tables, figures and intervals stay as they were recorded; the provenance says when
and by which commit the claims were judged.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from reading_neurons.experiments import EXPERIMENTS, intervening_claims, truth
from reading_neurons.experiments.record import Claim, Record, stamp


def claims_of(record: Record) -> list[Claim]:
    """The claims that the tables of a record lead to: ``claims_of`` of the module that has the experiment's ``run``."""
    if "truth" not in record.tables:
        return sys.modules[EXPERIMENTS[record.experiment].__module__].claims_of(record.tables)
    if len(record.tables) > 1:  # the one experiment whose worlds have tables of their own
        return intervening_claims.claims_of_worlds(record.tables)
    return truth.claims_of(record.tables["truth"])


def judged(record: Record) -> Record:
    """A record with today's verdicts; itself, if they are those that it has.

    Raises
    ------
    ValueError
        If its tables lead to other claims than it holds, so that it has to be reproduced.
    """
    found = claims_of(record)
    if [claim.claim for claim in found] != [claim.claim for claim in record.claims]:
        raise ValueError(
            f"the tables of {record.name} lead to other claims than it holds: make it again with "
            f"python -m reading_neurons reproduce {record.experiment} --corpus {record.corpus}"
        )
    if [claim.holds for claim in found] == [claim.holds for claim in record.claims]:
        return record
    claims = [replace(old, holds=new.holds) for old, new in zip(record.claims, found, strict=True)]
    return replace(record, claims=claims, provenance={**record.provenance, "judged": stamp()})
