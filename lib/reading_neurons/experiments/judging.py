"""The verdicts of records by today's rules, from their own tables: nothing is measured again.

A record keeps what was measured and what was made of it. When a rule of judging changes, ``python -m reading_neurons
judge`` brings verdicts up to date. Tables, figures and intervals stay as they were recorded; the provenance says when
and by which commit the claims were judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from reading_neurons.experiments import (
    autoencoder,
    carrying_units,
    composition_claims,
    composition_widths,
    contexts,
    do_methods_agree,
    fluent_claims,
    grammatical_units,
    group_claims,
    input_claims,
    inspection_claims,
    intervening_claims,
    meaning_claims,
    mutual_information,
    omission,
    omission_models,
    optimization_peers,
    published_schedule,
    reading_c,
    real_network_claims,
    saliency_claims,
    scale_claims,
    sentiment,
    truth,
    variance,
    wanted_claims,
)
from reading_neurons.experiments.record import Claim, Record, stamp

CLAIMS: dict[str, Callable[[Mapping[str, pd.DataFrame]], list[Claim]]] = {
    "autoencoder": autoencoder.claims_of,
    "carrying-units": carrying_units.claims_of,
    "composition": composition_claims.claims_of,
    "composition-widths": lambda tables: composition_widths.claims_of(tables["widths"]),
    "contexts": contexts.claims_of,
    "do-methods-agree": do_methods_agree.claims_of,
    "fluent-inputs": fluent_claims.claims_of,
    "grammatical-units": grammatical_units.claims_of,
    "input-optimization": input_claims.claims_of,
    "inspection": inspection_claims.claims_of,
    "intervening": intervening_claims.claims_of,
    "meaning-space": meaning_claims.claims_of,
    "mutual-information": mutual_information.claims_of,
    "omission": omission.claims_of,
    "omission-models": omission_models.claims_of,
    "optimization-peers": optimization_peers.claims_of,
    "published-schedule": published_schedule.claims_of,
    "reading-c": reading_c.claims_of,
    "real-network": real_network_claims.claims_of,
    "saliency": saliency_claims.claims_of,
    "scale": scale_claims.claims_of,
    "sentiment": sentiment.claims_of,
    "unit-groups": group_claims.claims_of,
    "variance": variance.claims_of,
    "what-neurons-want": wanted_claims.claims_of,
}
"""What claims are made of the tables of a record, by the experiment's name; of generated worlds see :func:`claims_of`."""


def claims_of(record: Record) -> list[Claim]:
    """The claims that the tables of a record lead to."""
    if "truth" not in record.tables:
        return CLAIMS[record.experiment](record.tables)
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
