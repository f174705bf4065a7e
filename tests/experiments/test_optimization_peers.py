"""The default beside searches that try: a quick run end to end, what equal cost means, and the recorded runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.experiments.optimization_peers import OURS, claims_of, compared, figures_of
from reading_neurons.methods.discrete_search import SEARCHES

RECORDED = sorted((Path(__file__).parents[2] / "book" / "results").glob("optimization-peers-*.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("optimization-peers")


def test_every_case_of_every_world_is_compared(quick, assert_follows):
    rows = quick.tables["neurons"]
    trained = rows[rows["network"] == "trained"]
    assert trained.groupby(["seed", "case", "setting", "per"]).size().tolist() == [2] * (2 * 4 * 2 * 2)
    assert set(rows.loc[rows["network"] == "untrained", "seed"]) == {0}
    assert set(rows["case"]) == {"visual outputs", "visual units", "textual outputs", "textual units"}
    assert len(quick.provenance["network"]) == 2
    assert_follows(quick, figures_of(quick.tables), claims_of(quick.tables), rel_claims=2e-3)


def test_a_line_for_each_search(quick):
    lines = quick.tables["progress"]
    assert set(lines["method"]) == {*OURS, *SEARCHES}
    for _, rows in lines.groupby(["case", "method"]):
        assert rows["evaluations"].is_monotonic_increasing and rows["activation"].is_monotonic_increasing
    assert charts.searches(lines).to_dict()["description"]


def test_a_peer_is_read_off_where_it_has_spent_as_much():
    found = pd.DataFrame(
        [("default", "a", 5, 0.1, 2.0), ("default", "a", 9, 0.2, 3.0), ("coordinate", "a", 8, 9.0, 1.0),
         ("coordinate", "a", 10, 9.5, 4.0), ("coordinate", "a", 11, 9.6, 5.0), ("random", "a", 11, 0.3, 7.0),
         ("random", "b", 1, 0.1, 99.0)],
        columns=["method", "neuron", "evaluations", "seconds", "activation"],
    )  # fmt: skip
    spent = pd.DataFrame({"method": ["default"], "neuron": ["a"], "evaluations": [10], "seconds": [9.2]})
    by = compared(found, spent).set_index("per")
    assert by["ours"].tolist() == [3.0, 3.0] and by["cost"].tolist() == [10, 9.2]
    assert by.loc["evaluations", "coordinate"] == 4.0 and np.isnan(by.loc["evaluations", "random"])
    assert by.loc["seconds", "coordinate"] == 1.0 and by.loc["seconds", "random"] == 7.0


def rows(ours, coordinate, network="trained"):
    """Neurons of one case, with a little noise that both share."""
    noise = np.random.default_rng(0).normal(size=60)
    return pd.DataFrame(
        {"seed": 0, "network": network, "case": "visual units", "neuron": [str(i) for i in range(60)], "setting": "default",
         "per": "evaluations", "cost": 9, "ours": 10 + ours + noise, "coordinate": 10 + coordinate + noise,
         "greedy gradient": 9.0, "random": 8.0}
    )  # fmt: skip


@pytest.mark.parametrize("ours, holds", [(0.0, True), (0.5, True), (-0.03, True), (-0.2, False)])
def test_a_tie_is_half_a_percent(ours, holds):
    (claim,) = claims_of({"neurons": rows(ours, 0.0)})
    assert claim.holds is holds and claim.claim.endswith("visual units, best peer coordinate")
    assert claim.here == pytest.approx(ours / 10, abs=2e-3)


def test_neurons_that_disagree_decide_nothing():
    table = rows(0.0, 0.0)
    table["ours"] += np.random.default_rng(1).normal(scale=2, size=60) - 0.05
    assert claims_of({"neurons": table})[0].holds is None


def test_untrained_networks_and_peers_without_an_n_gram_decide_nothing():
    assert claims_of({"neurons": rows(1.0, 0.0, network="untrained")}) == []
    table = rows(0.1, 0.0).assign(**{name: np.nan for name in SEARCHES})
    assert claims_of({"neurons": table}) == []


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_the_quick_one(path, quick, assert_follows, assert_has_schema):
    found = assert_has_schema(path, quick.tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel_claims=2e-3)
