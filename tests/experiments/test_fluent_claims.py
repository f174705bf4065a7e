"""Figures and claims of fluent inputs, from tables made by hand."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.experiments.fluent_claims import LEVELS, claims_of, figures_of, remaining, shares


def neurons(fluent, corpus, network="trained", pathway="visual", count=12):
    rng = np.random.default_rng(0)
    names = [f"{pathway} {n}" for n in range(count)]
    values = {
        "optimum": 1.0,
        "fluent": fluent,
        "opening": fluent - 0.1,
        "matched": corpus + 0.1,
        "corpus": corpus,
        "fluent corpus": corpus - 0.1,
    }
    table = pd.DataFrame({"network": network, "pathway": pathway, "neuron": names, "mean": 2.0})
    for name, share in values.items():
        noise = 0 if name == "optimum" else 0.01 * rng.normal(size=count)
        table[f"{name} words"], table[f"{name} activation"], table[f"{name} log_probability"] = (
            "a b",
            2 + 4 * (share + noise),
            -5.0,
        )
    return table


def tables(fluent=0.9, corpus=0.6, control=0.5):
    both = [
        neurons(of, corpus, network, pathway)
        for network, of in (("trained", fluent), ("untrained", control))
        for pathway in ("visual", "textual")
    ]
    searched = pd.DataFrame([
        {"pathway": pathway, "neuron": f"{pathway} {n}", "search": search, "evaluations": 9, "hypervolume": area + 0.001 * n}
        for pathway in ("visual", "textual") for n in range(4) for search, area in (("fronts", 0.8), ("epo", 0.7), ("weighted", 0.9))
    ])  # fmt: skip
    lengths = pd.DataFrame([
        {"pathway": pathway, "kind": kind, "neuron": n, "length": length, "method": "optimised", "words": "", "activation": float(min(length, most))}
        for pathway, most in (("visual", 6), ("textual", 3)) for kind in ("output", "unit") for n in range(4) for length in range(1, 7)
    ])  # fmt: skip
    rng, parts = np.random.default_rng(2), []
    for network in ("trained", "untrained"):
        for pathway in ("visual", "textual"):
            first, second = np.nonzero(~np.eye(12, dtype=bool))
            together = rng.normal(size=(12, 12))
            z = (-together if network == "trained" else rng.normal(size=(12, 12)))[first, second]
            columns = {"network": network, "pathway": pathway, "silenced": first, "other": second}
            parts.append(pd.DataFrame({**columns, "z": z, "correlation": together[first, second]}))
    fluency = pd.DataFrame({"written": ["n-grams", "openings"], "median": [-5.0, -3.0]})
    return {
        "neurons": pd.concat(both, ignore_index=True),
        "searches": searched,
        "lengths": lengths,
        "silence": pd.concat(parts),
        "fluency": fluency,
    }


def test_what_remains_counts_from_the_mean():
    table = neurons(0.75, 0.5)
    assert remaining(table, "fluent").mean() == pytest.approx(0.75, abs=0.01)
    assert remaining(table, "optimum").tolist() == [1.0] * 12


def test_claims_follow_the_tables():
    found = {claim.claim: claim for claim in claims_of(tables())}
    fluent = "an input as fluent as the median n-gram of captions"
    assert found[f"visual: {fluent} keeps more than half of the optimum's climb"].here == pytest.approx(0.9, abs=0.01)
    beats = found[f"textual: {fluent} beats the corpus's best n-gram"]
    assert beats.holds and beats.here == pytest.approx(0.3, abs=0.02) and beats.interval[0] > 0.28
    share = found[f"visual: most of the advantage over corpus search remains in {fluent}"]
    assert share.holds and share.here == pytest.approx(0.75, abs=0.03)
    control = found["visual: fluency costs the trained network less of the climb than an untrained one"]
    assert control.holds and control.here == pytest.approx(0.4, abs=0.02)
    assert found["visual: the search of this book finds a larger front than plain EPO at equal evaluations"].holds
    assert (
        found[
            "visual: the search of this book finds a larger front than weighted sums alone at equal evaluations"
        ].holds
        is False
    )
    assert found["visual outputs go on rising over more words than textual outputs (words)"].here == 3
    assert found["trained visual: what silences an output excites outputs that seldom go with it"].holds
    assert not found["untrained visual: what silences an output excites outputs that seldom go with it"].holds


def test_where_fluency_costs_all_the_advantage_no_claim_holds():
    found = {claim.claim: claim for claim in claims_of(tables(fluent=0.4, control=0.6))}
    for text, claim in found.items():
        if "median n-gram of captions" in text and "of inputs" not in text or "costs the trained" in text:
            assert not claim.holds, text


def test_neurons_without_a_fluent_input_are_left_out():
    made = tables()
    made["neurons"].loc[:2, "fluent activation"] = np.nan
    assert claims_of(made)[0].here == pytest.approx(0.9, abs=0.01)
    assert figures_of(made)["climb that remains, fluent: trained visual"] == pytest.approx(0.9, abs=0.01)


def test_shares_are_in_order_and_leave_out_the_corpus_of_a_control():
    found = shares(tables()["neurons"])
    assert list(dict.fromkeys(found["level"])) == list(LEVELS.values())
    assert list(dict.fromkeys(found["pathway"])) == ["visual", "untrained visual", "textual", "untrained textual"]
    assert not found[found["level"].str.contains("corpus")]["pathway"].str.contains("untrained").any()
