"""What every recorded result is held to: its tables' columns, what follows from them, and the checks it asks."""

import pytest

from reading_neurons.__main__ import main
from reading_neurons.experiments import truth
from reading_neurons.experiments.record import read

HEAVIEST = 600_000  # bytes of a record


@pytest.fixture(scope="session")
def tiny_networks(tmp_path_factory):
    """A cache for the networks of quick runs: each is trained once, by the experiment that comes first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", autouse=True)
def cache(tiny_networks):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READING_NEURONS_CACHE", str(tiny_networks))
        yield tiny_networks


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory):
    """The record that ``reproduce EXPERIMENT --corpus CORPUS --quick`` writes, and nothing beside it."""

    def run(experiment, corpus="scenes"):
        folder = tmp_path_factory.mktemp("results")
        assert main(["reproduce", experiment, "--corpus", corpus, "--quick", "--folder", str(folder)]) == 0
        assert [path.name for path in folder.iterdir()] == [f"{experiment}-{corpus}.json"]
        return read(folder / f"{experiment}-{corpus}.json")

    return run


def follows(record, figures, claims, *, rel=2e-5, rel_claims=None):
    """Figures and claims of a record are those that its tables give, but for the digits that a file leaves out.

    Where a claim is a small difference of rounded numbers it has fewer digits: ``rel_claims``.
    """
    assert record.figures.keys() == figures.keys()
    for name, value in figures.items():
        assert record.figures[name] == pytest.approx(value, rel=rel, abs=1e-6, nan_ok=True), name
    assert [claim.claim for claim in record.claims] == [claim.claim for claim in claims]
    for recorded, found in zip(record.claims, claims, strict=True):
        numbers = (recorded.here, *recorded.interval)
        again = pytest.approx((found.here, *found.interval), rel=rel_claims or rel, abs=1e-5, nan_ok=True)
        assert numbers == again, recorded.claim
        assert (recorded.paper, recorded.holds) == (found.paper, found.holds)


@pytest.fixture(scope="session")
def assert_follows():
    return follows


@pytest.fixture(scope="session")
def assert_has_schema():
    """A record has the tables and columns of a small run, and is no heavier than a page can bear."""

    def has_schema(path, tables):
        found = read(path)
        assert {name: list(table) for name, table in found.tables.items()} == {
            name: list(table) for name, table in tables.items()
        }
        assert path.stat().st_size < HEAVIEST
        return found

    return has_schema


@pytest.fixture(scope="session")
def assert_asks():
    """A record of generated worlds asks what a quick run asks, of five worlds, and its claims follow."""

    def asks(path, quick):
        table = read(path).tables["truth"]
        assert table["check"].unique().tolist() == quick.tables["truth"]["check"].unique().tolist()
        assert table["seed"].nunique() == truth.SEEDS
        follows(read(path), truth.figures_of(table), truth.claims_of(table))

    return asks
