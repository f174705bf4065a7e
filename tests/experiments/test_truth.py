"""Panels of networks, and checks asked of several worlds."""


from reading_neurons.experiments.panel import GENERATED, panel
from reading_neurons.experiments.truth import QUICK_SEEDS, Check, over_seeds


def test_a_panel_holds_every_pathway_trained_and_untrained():
    compared = panel("scenes", quick=True, seed=3)
    assert list(compared.trained) == list(compared.untrained) == ["visual", "textual", "sum", "language model"]
    for name, network in compared.networks.items():
        weights, random = network.embedding.weight, compared.controls[name].embedding.weight
        assert weights.shape == random.shape and (weights != random).any()
    assert sum(len(split) for split in compared.corpus.splits) == 5 * GENERATED["scenes"]["scenes"]
    assert compared.identities.keys() == {"imaginet", "sum", "language model"}
    assert compared.seconds > 0


def test_worlds_of_different_seeds_have_different_captions_and_networks():
    first, second = (panel("scenes", quick=True, seed=seed, networks=["sum"]) for seed in (0, 1))
    assert first.corpus.train.texts != second.corpus.train.texts
    assert first.identities["sum"]["weights"] != second.identities["sum"]["weights"]


def test_checks_are_counted_over_worlds():
    seen = []

    def checks(world):
        seen.append(world.seed)
        return [
            Check("always so", 1.0 + world.seed, 0.5, 2.0, True),
            Check("so in the first", -world.seed, -1.0, 1.0, world.seed == 4),
        ]

    record = over_seeds("test", checks, seed=4, quick=True, networks=("sum",))
    assert seen == list(range(4, 4 + QUICK_SEEDS))
    assert record.name == "test-scenes" and record.provenance["command"].endswith("--seed 4 --quick")
    assert len(record.tables["truth"]) == 2 * QUICK_SEEDS
    assert list(record.provenance["network"]) == ["sum, seed 4", "sum, seed 5"]
    always, first = record.claims
    assert (always.claim, always.holds) == ("always so: holds in 2 of 2 worlds", True)
    assert (always.here, always.interval) == (5.5, (5.0, 6.0))
    assert (first.claim, first.holds) == ("so in the first: holds in 1 of 2 worlds", False)
    assert record.figures == {"holds: always so": 2, "holds: so in the first": 1}
