"""The published schedule beside the default: a quick run end to end, a run cut short, and the recorded one."""

from pathlib import Path

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.__main__ import main
from reading_neurons.experiments import published_schedule
from reading_neurons.experiments.published_schedule import claims_of, drawn_outputs, figures_of, progress
from reading_neurons.models import Imaginet
from reading_neurons.text import SPECIALS, Vocabulary

RECORDED = sorted((Path(__file__).parents[2] / "book" / "results").glob("published-schedule-*.json"))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("published-schedule")


def test_the_quick_run_takes_every_step(quick, assert_follows):
    ended, found = quick.tables["neurons"], quick.tables["found"]
    assert ended["method"].tolist() == ["published"] * 3 + ["default"] * 3
    assert ended["stopped"].tolist() == ["60 steps"] * 3 + ["done"] * 3
    assert (ended["evaluations"][:3] >= 60 * 128).all() and (ended["steps"] == [60] * 3 + [40] * 3).all()
    for row in ended.itertuples():
        own = found[(found["method"] == row.method) & (found["neuron"] == row.neuron)]
        assert own["activation"].is_monotonic_increasing and own["evaluations"].is_monotonic_increasing
        assert own["activation"].iloc[-1] == pytest.approx(row.activation, rel=1e-4)
    assert_follows(quick, figures_of(quick.tables), claims_of(quick.tables), rel_claims=2e-4)


def test_what_is_drawn_goes_on_to_what_was_spent(quick):
    lines = progress(quick.tables["found"], quick.tables["neurons"])
    for method, rows in lines.groupby("method"):
        own = quick.tables["neurons"].query("method == @method")
        assert rows["evaluations"].is_monotonic_increasing and rows["activation"].is_monotonic_increasing
        assert rows["evaluations"].iloc[-1] >= own["evaluations"].mean()
        assert rows["activation"].iloc[-1] == pytest.approx(own["activation"].mean(), rel=1e-4)
    assert charts.searches(lines).to_dict()["description"]


def test_a_schedule_that_is_cut_short_says_where_and_claims_no_ratio(quick, monkeypatch):
    monkeypatch.setattr(published_schedule, "SECONDS", 0)
    cut = published_schedule.run("scenes", quick=True)
    ended = cut.tables["neurons"].query("method == 'published'")
    assert (ended["stopped"] == "cut short after 0 s").all() and (ended["steps"] == 1).all()
    assert (ended["evaluations"] == 128).all()
    assert [claim.holds for claim in cut.claims[1:]] == [None, None]
    assert cut.tables["neurons"].columns.tolist() == quick.tables["neurons"].columns.tolist()


def test_claims_compare_all_that_is_spent_and_what_was_spent_on_the_way():
    found = pd.DataFrame(
        [("visual", method, "a", cost, value) for method, cost, value in [
            ("published", 10, 0.1), ("published", 4000, 1.0), ("default", 1, 0.5), ("default", 2, 1.0), ("default", 3, 2.0)
        ]], columns=["pathway", "method", "neuron", "evaluations", "activation"],
    )  # fmt: skip
    ended = pd.DataFrame(
        {"pathway": "visual", "method": ["published", "default"], "neuron": "a", "words": "x", "activation": [1.0, 2.0],
         "steps": [100, 40], "evaluations": [9000, 10], "stopped": ["100 steps", "done"], "seconds": 1.0}
    )  # fmt: skip
    figures = figures_of({"found": found, "neurons": ended})
    assert figures["visual: times fewer evaluations"] == 900
    assert figures["visual: evaluations to the published mean, default"] == 2
    assert figures["visual: times fewer evaluations to the published mean"] == 2000
    assert [claim.holds for claim in claims_of({"found": found, "neurons": ended})] == [True, False, True]


def test_outputs_are_drawn_once_each_and_no_special_symbol():
    pathways = Imaginet(Vocabulary(["a", "b", "c"]), ["object:a"], embedding=2, units=2).pathways
    assert [neuron.name for neuron in drawn_outputs(pathways["textual"], 9, 0)] == ["a", "b", "c"]
    assert [neuron.name for neuron in drawn_outputs(pathways["visual"], 3, 0)] == ["object:a"]
    assert not {neuron.name for neuron in drawn_outputs(pathways["textual"], 2, 1)} & set(SPECIALS)


def test_a_wide_network_is_refused(capsys):
    assert main(["reproduce", "published-schedule", "--corpus", "coco", "--quick"]) == 1
    assert "takes days on a wide network, found 'coco': give --corpus scenes" in capsys.readouterr().err


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_recorded_run_has_the_schema_of_the_quick_one(path, quick, assert_follows, assert_has_schema):
    found = assert_has_schema(path, quick.tables)
    assert found.figures.keys() == quick.figures.keys() and len(found.claims) == len(quick.claims)
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel_claims=2e-4)
