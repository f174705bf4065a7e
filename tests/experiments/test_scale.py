"""The experiment on scale: what is read off planted measurements, a small run of every step, and what is recorded."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.experiments import scale_claims, scale_measured
from reading_neurons.experiments.scale_claims import claims_of, figures_of
from reading_neurons.experiments.scale_measured import APART, HERE, START, TWO

RECORDED = sorted((Path(__file__).parents[2] / "book" / "results").glob("scale-*.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("scale")


def planted(growth=1.0, gain=1.8, differ=0):
    """Tables of a machine that is known: 2 + .01 units + .00002 units**2 microseconds a word."""
    rng = np.random.default_rng(0)
    passes = pd.DataFrame(
        [
            (units, words // 10, words, repeat)
            for units in (64, 256, 1024)
            for words in (5000, 40_000)
            for repeat in range(3)
        ],
        columns=["units", "sentences", "words", "repeat"],
    )
    spent = (2 + 0.01 * passes["units"] + 2e-5 * passes["units"] ** 2) * 1e-6 * passes["words"]
    passes["seconds"] = 3 * spent  # other programs run
    passes["processor"] = spent * rng.normal(1, 0.001, size=len(passes))
    times = {HERE: 10.0, APART: 10 / gain + 0.9, TWO: 10 / gain + 1, START: 0.5}
    workers = pd.DataFrame(
        [
            (units, 1e5, 20, repeat, road, clock, 1.0)
            for units in (256, 1024)
            for repeat in range(5)
            for road, clock in times.items()
        ],
        columns=["units", "words", "shards", "repeat", "road", "seconds", "processor"],
    )
    shards = pd.DataFrame(
        [(units, shard, units / 1000, 0.01) for units in (256, 1024) for shard in range(4)],
        columns=["units", "shard", "worker", "client"],
    )
    identical = pd.DataFrame({"units": [256], "words": [1000], "bytes": [640], "differ": [differ]})
    memory = pd.DataFrame(
        [
            (size, size * 1e5, repeat, process, 200.0, 200.0 + 50 * (growth if size == 16 else 1))
            for repeat in range(2)
            for size in (1, 4, 16)
            for process in ("worker 0", "worker 1", "client")
        ],
        columns=["times", "words", "repeat", "process", "before", "peak"],
    )
    return {"passes": passes, "workers": workers, "shards": shards, "identical": identical, "memory": memory}


def test_the_planted_cost_is_found():
    tables = planted()
    assert scale_claims.coefficients(tables) == pytest.approx([2e-6, 1e-8, 2e-11], rel=0.02)
    assert scale_claims.exponent_of_words(tables["passes"]) == pytest.approx(1, abs=0.002)
    assert scale_claims.cost(tables, [512])[0] == pytest.approx(12.36e-6, rel=0.01)
    assert scale_claims.per_word(tables)["microseconds"].tolist() == pytest.approx([2.72, 5.87, 33.2], rel=0.01)


def test_sending_the_network_is_no_part_of_the_speed():
    tables = planted()
    assert scale_claims.speed_up(tables, 256) == pytest.approx(np.full(5, 10 / (10 / 1.8 + 0.5)))
    assert scale_claims.speed_up(tables, 256, TWO, APART) == pytest.approx(
        np.full(5, (10 / 1.8 + 0.4) / (10 / 1.8 + 0.5))
    )


def test_amdahls_law():
    tables = planted()  # of a shard at 1,024 units the worker has 1.024 s and the client .01 s
    assert scale_claims.amdahl(tables, 1024, [1, 1e12]) == pytest.approx([1, 103.4], rel=1e-6)
    assert scale_claims.amdahl(tables, 1024, [10])[0] == pytest.approx(1.034 / 0.1124)
    table = scale_claims.machines(tables, [1, 10])
    assert list(table) == ["units", "machines", "speed_up"] and len(table) == 4
    assert scale_claims.costs(tables, [1000])["serial"].tolist() == pytest.approx([0.01 / 0.266, 0.01 / 1.034])


def test_every_claim_holds_of_a_good_machine_and_fails_of_a_bad_one():
    assert all(claim.holds for claim in claims_of(planted()))
    grown = claims_of(planted(growth=3))
    assert [claim.holds for claim in grown if "memory" in claim.claim] == [False, False]
    slow = claims_of(planted(gain=0.9))
    assert [claim.holds for claim in slow if "faster than one process" in claim.claim] == [False, False]
    other = claims_of(planted(differ=3))
    assert (other[-1].here, other[-1].holds) == (3, False)
    bent = planted()
    bent["passes"]["processor"] *= bent["passes"]["words"] ** 0.5
    assert claims_of(bent)[0].holds is False


def test_a_repeat_that_took_every_row_from_one_size_has_no_exponent():
    rows = planted()["passes"]
    assert np.isnan(scale_claims.exponent_of_words(rows[rows["words"] == 5000]))


def test_every_step_of_a_small_run(quick):
    tables = quick.tables
    assert set(tables) == {"passes", "workers", "shards", "identical", "memory"}
    assert len(tables["passes"]) == 2 * 2 * 2 and (tables["passes"]["seconds"] > 0).all()
    assert set(tables["workers"]["road"]) == {HERE, APART, TWO, START}
    assert tables["identical"]["differ"].tolist() == [0, 0] and (tables["identical"]["bytes"] > 0).all()
    assert set(tables["memory"]["process"]) == {"worker 0", "worker 1", "client"}
    assert (tables["memory"]["peak"] >= 0.9 * tables["memory"]["before"]).all() and tables["memory"]["peak"].min() > 50
    assert quick.provenance["network"].keys() == {"untrained imaginet, 8 units", "untrained imaginet, 16 units"}


def test_this_process_gets_its_threads_back():
    import torch

    before = torch.get_num_threads()
    with scale_measured.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_what_is_recorded_follows_from_its_tables(path, quick, assert_has_schema, assert_follows):
    found = assert_has_schema(path, quick.tables)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel=1e-3, rel_claims=1e-3)
    assert found.tables["memory"].groupby("times")["words"].first().is_monotonic_increasing
