"""The benchmarks at a tiny size: every road leads to the same numbers, and the report says what was asked."""

import json
import math
import sqlite3
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import book_speed
import budget_speed
import carrying_speed
import contexts_speed
import copy_speed
import input_optimization_speed
import ipywidgets
import measure
import mutual_information_speed
import numpy as np
import omission_models_speed
import omission_speed
import pandas as pd
import pytest
import relevance_speed
import run
import scale_speed
import torch
import training_speed
from measure import Row

from reading_neurons.corpora import scenes
from reading_neurons.models import Imaginet
from reading_neurons.models.training import Schedule
from reading_neurons.text import Vocabulary


@pytest.fixture(autouse=True)
def small_product(monkeypatch):
    monkeypatch.setattr(measure, "PRODUCT", 16)


@pytest.fixture(scope="module")
def corpus():
    return scenes.generate(scenes=60)


@pytest.fixture(scope="module")
def pathway(corpus):
    return omission_speed.untrained(corpus, units=16)


SENTENCES = [("dog",), ("a", "dog"), ("a", "dog", "a", "dog", "zebra"), ("two", "dogs"), ("a", "dog")]


@torch.inference_mode()
def test_every_road_to_omission_scores_leads_to_the_same_numbers(pathway, corpus):
    found = omission_speed.roads(pathway, [*SENTENCES, *corpus.test.tokens[:10]])
    assert len(found) == 6
    ours = found["ours"]()
    for name, road in found.items():
        assert torch.allclose(road().double(), ours, atol=1e-5), name
    assert ours.std() > 1e-4


@torch.inference_mode()
def test_a_road_that_leads_elsewhere_is_reported(pathway):
    found = omission_speed.roads(pathway, SENTENCES)
    good = found[omission_speed.BATCH]
    found[omission_speed.BATCH] = lambda: good() + 1e-3
    with pytest.raises(RuntimeError, match="'one batch per sentence' gives scores up to 0.001 from ours"):
        omission_speed.check(found)
    found[omission_speed.BATCH] = lambda: good() * math.nan
    with pytest.raises(RuntimeError, match="up to nan"):
        omission_speed.check(found)


def test_operations_count_prefixes_and_word_types(pathway):
    # <s> a b </s>, <s> b </s>, <s> a </s>: the prefixes <s>; a, b; ab, b</s>, a</s>; ab</s>. Four word types.
    words = [tuple(pathway.vocabulary.words[4:6])]
    assert omission_speed.operations(pathway, words) == 6 * 16 * 16 * (7 + 4)


def test_no_autograd_in_omission(monkeypatch, corpus):
    seen = []
    monkeypatch.setattr(omission_speed, "one_batch", _spy(omission_speed.one_batch, seen))
    omission_speed.rows(corpus, units=8, captions=3, repeats=1)
    assert seen and all(seen)


def _spy(function, seen):
    def spied(*arguments):
        seen.append(torch.is_inference_mode_enabled())
        return function(*arguments)

    return spied


def test_rows_of_omission_on_generated_captions_promise_nothing(corpus):
    rows = omission_speed.rows(corpus, units=8, captions=5, repeats=1)
    assert {row.against for row in rows} >= {*omission_speed.TARGETS[1024]}
    assert all(row.target is None and row.holds is None and row.ratio > 0 for row in rows)
    assert all("5 captions of scenes" in str(row) for row in rows)


def test_on_coco_every_target_has_its_row(monkeypatch, corpus):
    monkeypatch.setitem(omission_speed.TARGETS, 8, omission_speed.TARGETS[1024])
    rows = omission_speed.rows(replace(corpus, name="coco"), units=8, captions=5, repeats=1)
    promised = {row.against: row.target for row in rows if row.target is not None}
    assert promised == omission_speed.TARGETS[1024]
    schedule = Schedule(batch_size=8)
    rows = training_speed.rows(replace(corpus, name="coco"), units=8, steps=2, repeats=1, schedule=schedule)
    assert [row.target for row in rows] == [2, None]


def test_coco_is_measured_where_it_is_at_hand(monkeypatch, tmp_path):
    monkeypatch.setattr(measure, "load", lambda name: name)
    monkeypatch.delenv("READING_NEURONS_DATA", raising=False)
    assert measure.captions() == "scenes"
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path))
    assert measure.captions() == "scenes"
    (tmp_path / "coco").mkdir()
    assert measure.captions() == "coco"


def test_the_plain_network_has_our_loss_and_gradient(corpus):
    captions = corpus.train.take(np.arange(12))
    vocabulary = Vocabulary.of(captions.tokens)
    found = {}
    for kind in (Imaginet, training_speed.PlainImaginet):
        network = kind(vocabulary, captions.dimensions, embedding=8, units=8)
        network.prepare(captions)
        loss = network.loss(network.examples(captions).batch(np.arange(12)))
        loss.backward()
        found[kind] = loss, [weight.grad for weight in network.parameters()]
    (ours, of_ours), (other, of_other) = found.values()
    assert torch.allclose(ours, other, atol=1e-6)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(of_ours, of_other, strict=True))


def test_linear_models_are_measured_in_a_process_of_their_own():
    seconds, memory = omission_models_speed.rows(tokens=3000)
    assert 0 < seconds.ours < 60 and seconds.holds is None
    assert 0.05 < memory.ours < 2  # GB: a Python with its libraries
    assert "3,000 tokens" in seconds.note


def test_what_fails_in_a_process_of_its_own_says_why():
    with pytest.raises(RuntimeError, match="unknown corpus 'nowhere'"):
        measure.alone(input_optimization_speed.searched, "nowhere", 8, 1)


def test_tokens_of_the_linear_models_are_as_uneven_as_words():
    counts = omission_models_speed.table(20_000)["word"].value_counts()
    assert counts.iloc[0] > 0.2 * 20_000 and (counts == 1).sum() > 300


def test_batches_stand_for_an_epoch():
    lengths = np.random.default_rng(0).geometric(0.1, size=6400)
    bucketed, padded = training_speed.batches(lengths, 32, 12)
    assert [len(batch) for batch in bucketed + padded] == [32] * 24
    assert all(len(set(np.concatenate(part))) == 12 * 32 for part in (bucketed, padded))
    assert abs(lengths[np.concatenate(bucketed)].mean() / lengths.mean() - 1) < 0.1
    longest = [np.mean([lengths[batch].max() for batch in part]) for part in (bucketed, padded)]
    assert longest[0] < 0.5 * longest[1]


def test_too_few_captions_for_the_batches_is_an_error():
    with pytest.raises(ValueError, match="100 captions fill 3 batches of 32, expected at least 4"):
        training_speed.batches(np.ones(100, dtype=int), 32, 4)


def test_rows_of_training(corpus):
    rows = training_speed.rows(corpus, units=8, steps=2, repeats=1, schedule=Schedule(batch_size=8))
    assert [row.against for row in rows] == [training_speed.PADDED, training_speed.BUCKETS]
    assert all(row.holds is None and "captions/s of scenes" in row.note for row in rows)


def test_roads_run_by_turns():
    order = []
    seconds = measure.interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=3)
    assert "".join(order) == "abbaab"
    assert seconds.keys() == {"a", "b"} and min(seconds.values()) >= 0


def test_a_row_says_whether_its_promise_is_kept():
    kept, missed = (Row("name", "other", ours=1.0, other=8.0, target=target) for target in (8, 9))
    assert kept.holds and not missed.holds
    assert "ratio  8.00  target 8 holds" in str(kept) and "target 9 MISSED" in str(missed)


def test_the_report_is_printed_and_written(tmp_path, monkeypatch, capsys):
    row = Row("tiny", "other", ours=1.0, other=2.0, target=3, note="on nothing")
    monkeypatch.setattr(run, "BENCHES", {"tiny": lambda: [row], "never": lambda: pytest.fail("was not named")})
    monkeypatch.setattr(measure.os, "getloadavg", lambda: (3.0, 0.0, 0.0))
    file = tmp_path / "new" / "bench.json"
    assert run.main(["tiny", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert str(row) in printed and "Other programs are running" in printed
    report = json.loads(file.read_text())
    assert report["rows"] == [row.as_dict()]
    assert {"cores", "threads", "torch", "fp32 product, GFLOP/s"} < report["machine"].keys()


def test_an_unknown_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        run.main(["omision"])
    assert stopped.value.code == 2
    assert "unknown benchmark 'omision'; known are contexts-1024" in capsys.readouterr().err


def test_rows_of_contexts_have_their_targets_at_full_size_on_coco_only(corpus, monkeypatch):
    rows = contexts_speed.rows(corpus, units=8, captions=30, repeats=1)
    assert all(row.target is None and row.ratio > 0 for row in rows)
    assert {row.against for row in rows} == {contexts_speed.ALONE, contexts_speed.PLAIN, contexts_speed.SORTED}
    small = omission_speed.untrained(corpus, 8)
    monkeypatch.setattr(omission_speed, "untrained", lambda corpus, units: small)
    rows = contexts_speed.rows(replace(corpus, name="coco"), captions=30, repeats=1)
    assert [row.target for row in rows if row.against == contexts_speed.ALONE] == [1 / 1.15, 1 / 1.15, 1 / 1.25, 1 / 1.25]
    assert all(row.target is None for row in rows if row.against != contexts_speed.ALONE)


def test_other_contexts_than_those_of_a_sort_are_reported(corpus, pathway, monkeypatch):
    monkeypatch.setattr(contexts_speed, "whole", lambda pathway, words: np.zeros((16, contexts_speed.K), dtype=int))
    with pytest.raises(RuntimeError, match="other contexts than a full sort"):
        contexts_speed.check(pathway, corpus.test.tokens)


def test_rows_of_carrying_units_are_those_of_a_loop_and_promise_nothing(corpus, monkeypatch):
    rows = carrying_speed.rows(corpus, units=8, captions=30, repeats=1)
    assert {row.against for row in rows} == {carrying_speed.FORWARD, carrying_speed.LOOP}
    assert all(row.target is None and row.ours > 0 for row in rows)
    monkeypatch.setattr(carrying_speed, "loop", lambda states, words, level: [2.0] * carrying_speed.LOOPED)
    with pytest.raises(RuntimeError, match="other shares"):
        carrying_speed.rows(corpus, units=8, captions=30, repeats=1)


def test_rows_of_input_optimization(corpus, monkeypatch):
    rows = input_optimization_speed.rows(corpus, units=8, neurons=3, repeats=1)
    assert [row.target for row in rows] == [None, None, 1, None, None]
    assert 0 < rows[0].ours < 100 and 0.05 < rows[1].ours < 4  # seconds, and GB: a Python with its libraries
    assert 0 < rows[2].ours < 60 and rows[-1].against == input_optimization_speed.PLAIN
    monkeypatch.setattr(input_optimization_speed, "in_its_own_process", lambda *_: (90.0, 0.8))
    monkeypatch.setattr(input_optimization_speed, "one_neuron", lambda _: 0.5)
    small = input_optimization_speed.network(corpus, 8)
    monkeypatch.setattr(input_optimization_speed, "network", lambda *_: small)
    rows = input_optimization_speed.rows(replace(corpus, name="coco"), repeats=1)
    assert [row.target for row in rows] == [1, 1, 1, None, 2.5] and rows[0].holds and rows[1].holds


def test_another_step_than_the_plain_one_is_reported(corpus, monkeypatch):
    pathway = input_optimization_speed.network(corpus, 8)
    neurons = input_optimization_speed.textual(pathway, 3)
    input_optimization_speed.check(pathway, neurons)
    monkeypatch.setattr(input_optimization_speed, "HOT", 0.1)
    plain = input_optimization_speed.Plain.step
    monkeypatch.setattr(input_optimization_speed.Plain, "step", lambda self: plain(self) + 1e-2)
    with pytest.raises(RuntimeError, match="the plain step reads activations up to 0.01 from ours"):
        input_optimization_speed.check(pathway, neurons)


def test_rows_of_mutual_information_have_their_targets_at_full_size_on_coco_only(corpus):
    rows = mutual_information_speed.rows(corpus, units=8, captions=30, sample=2, repeats=1)
    assert [row.target for row in rows] == [None] * 3 and all("scenes" in row.note for row in rows[:2])
    rows = mutual_information_speed.rows(replace(corpus, name="coco"), units=8, sample=2, repeats=1)
    assert [row.target for row in rows] == [50, 1, 1]
    assert [row.other for row in rows[1:]] == [10, 1]


def test_mutual_information_that_is_not_scikit_learns_is_reported(monkeypatch):
    binned, contexts = np.array([[0], [1], [1]], dtype=np.uint8), {"word": np.array([0, 1, 1])}
    mutual_information_speed.check(binned, contexts)
    monkeypatch.setattr(mutual_information_speed, "by_sklearn", lambda *_: np.array([[0.5]]))
    with pytest.raises(RuntimeError, match="figures are up to 0.1"):
        mutual_information_speed.check(binned, contexts)


def test_rows_of_relevance_scale_a_sample_and_check_it(monkeypatch):
    for name, value in (("FOLDS", 3), ("PAIRS", 2), ("SAMPLE", 2), ("CLOSE", 0.005)):
        monkeypatch.setattr(relevance_speed, name, value)
    rows = relevance_speed.rows(units=8, characters=900, few=300, repeats=1)
    assert [row.target for row in rows] == [100, 100, relevance_speed.CONSTANT]
    assert all(row.ours > 0 and row.other > 0 for row in rows) and "2 fits scaled" in rows[0].note
    values, labels, folds = relevance_speed.problem(8, 300)
    assert values.shape[0] == 8 and labels.shape == (relevance_speed.FEATURES, values.shape[1]) and folds.max() == 2
    monkeypatch.setattr(relevance_speed.linear_svm.Fits, "accuracy", property(lambda self: np.zeros((8, 20, 3))))
    with pytest.raises(RuntimeError, match="mean accuracies of SVC and ours differ by"):
        relevance_speed.check(values, labels, folds)


def test_maps_of_copies_are_those_of_autograd_and_promise_nothing_of_generated_captions(corpus):
    (row,) = copy_speed.rows(corpus, units=8, sentences=6, repeats=1)
    assert row.target is None and row.ratio > 0 and "6 sentences of scenes, 8 units" in str(row)
    (row,) = copy_speed.rows(replace(corpus, name="coco"), units=8, sentences=6, repeats=1)
    assert row.target == copy_speed.TARGET


def test_maps_of_copies_unlike_autograds_are_reported(corpus):
    found = copy_speed.roads(corpus, corpus.test.tokens[:3], 8)
    copy_speed.check(found)
    ours = found["ours"]
    with pytest.raises(RuntimeError, match="by autograd and ours differ by 0.01"):
        copy_speed.check(found | {"ours": lambda: [one + 0.01 for one in ours()]})
    with pytest.raises(RuntimeError, match="by nan"):
        copy_speed.check(found | {"ours": lambda: [one * math.nan for one in ours()]})


def test_rows_of_scale_have_their_targets_at_full_size_on_coco_only(corpus, monkeypatch):
    timed = scale_speed.scale_measured.workers
    seconds = {scale_speed.HERE: 10.0, scale_speed.TWO: 7.0, scale_speed.APART: 6.5, scale_speed.START: 1.0}
    asked = []

    def workers(pathways, words, client, repeats):
        asked.append(timed({units: (network, 60) for units, (network, _) in pathways.items()}, words, client, 1))
        return asked[-1].assign(seconds=asked[-1]["road"].map(seconds))

    monkeypatch.setattr(scale_speed.scale_measured, "workers", workers)
    monkeypatch.setattr(scale_speed, "memory", lambda *_: (0.5, 0.52))
    rows = scale_speed.rows(corpus, units=8)
    assert [row.target for row in rows] == [None] * 3 and (asked[0]["seconds"] > 0).all()
    assert [row.ratio for row in rows] == pytest.approx([10 / 6, 5.5 / 6, 0.5 / 0.52])
    monkeypatch.setattr(scale_speed.scale_measured, "workers", lambda *_: workers_of_coco(asked[0], seconds))
    monkeypatch.setattr(scale_speed.omission_speed, "untrained", lambda *_: None)
    rows = scale_speed.rows(replace(corpus, name="coco"))
    assert [row.holds for row in rows] == [True] * 3 and "efficiency 0.83" in rows[0].note


def workers_of_coco(table, seconds):
    return table.assign(seconds=table["road"].map(seconds))


def test_memory_is_measured_in_clusters_that_read_nothing_before(corpus, monkeypatch):
    lives = []

    def memory(pathway, words, sizes, client, repeat):
        lives.append((client.id, *sizes.items()))
        return pd.DataFrame([(*sizes, 10, 0, "worker 0", 100.0, 512.0 * (1 + len(lives)))], columns=COLUMNS_OF_MEMORY)

    monkeypatch.setattr(scale_speed.scale_measured, "cluster", lambda: nullcontext(SimpleNamespace(id=len(lives))))
    monkeypatch.setattr(scale_speed.scale_measured, "memory", memory)
    assert scale_speed.memory(None, corpus.train.tokens, share=16) == (1.0, 1.5)
    assert [life[1] for life in lives] == [(1, len(corpus.train) // 16), (16, len(corpus.train))]


COLUMNS_OF_MEMORY = ["times", "words", "repeat", "process", "before", "peak"]


def test_peak_memory_is_at_least_what_is_held_now():
    held = np.ones(20_000_000)  # 160 MB
    assert held.nbytes / 1024**3 < measure.peak_memory() < 1024


def test_budgets_are_those_of_networks_trained_from_nothing(monkeypatch):
    trained = []
    monkeypatch.setattr(budget_speed, "trained", lambda *named, **settings: trained.append((named, settings)))
    rows = budget_speed.rows(epochs=1)
    assert [row.other for row in rows] == [120, 45, 45, 30, 30, 30] and all(row.holds for row in rows)
    assert len(trained) == 10 and trained[0] == (("imaginet", "scenes"), {"epochs": 1})


def test_a_budget_leaves_the_users_cache_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path))
    (row,) = budget_speed.rows({"small": ((("character lstm", "parentheses"),), 1e-3)}, epochs=1, units=4)
    assert row.ours > 1e-3 and not row.holds
    assert not list(tmp_path.iterdir())


def test_chapters_and_pages_of_the_last_build_are_held_against_their_budgets(tmp_path):
    assert book_speed.pages(tmp_path) == []
    html, cache = tmp_path / "html", tmp_path / ".jupyter_cache" / "key"
    html.mkdir()
    (html / "light.html").write_bytes(b"x")
    (html / "heavy.html").write_bytes(b"x" * 3_000_000)
    cache.mkdir(parents=True)
    with sqlite3.connect(cache / "global.db") as database:
        database.execute("create table nbcache (uri text, data text)")
        for name, seconds in (("quick", 2), ("slow", 70)):
            database.execute("insert into nbcache values (?, ?)", (f"{name}.md", json.dumps({"execution_seconds": seconds})))
    sqlite3.connect(tmp_path / ".jupyter_cache" / "global.db").close()  # begun, nothing kept
    slowest, mean, heaviest = book_speed.pages(tmp_path)
    assert (slowest.ours, slowest.holds, mean.ours, heaviest.ours, heaviest.unit) == (70, False, 36, 3.0, "MB")
    assert "slow" in slowest.note and "heavy.html" in heaviest.note


CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

```{code-cell} python
import time

import altair as alt
import ipywidgets
from reading_neurons.display import Explorer

slow, quick = ipywidgets.Text("a dog", description="slow"), ipywidgets.Dropdown(options=["a", "b"], description="quick")
slow.observe(lambda change: time.sleep(0.25), "value")
```

```{code-cell} python
chart = alt.Chart(alt.InlineData([{"word": "dog"}]), description="One bar.").mark_bar()
Explorer(lambda: ipywidgets.VBox([ipywidgets.HBox([slow]), quick]), chart)
```
"""


def test_the_slowest_answer_of_an_explorer_counts(tmp_path):
    (tmp_path / "chapter.md").write_text(CHAPTER)
    (tmp_path / "prose.md").write_text("# No Explorer here")
    (row,) = book_speed.answers(tmp_path)
    assert 0.25 <= row.ours < 1 and not row.holds
    assert row.note == "chapter: slow, slowest of 2 controls"


def test_every_setting_is_changed_and_ends_as_it_was():
    slider = ipywidgets.IntSlider(value=2, min=1, max=4)
    assert book_speed.others(slider) == [1, 3, 4, 2]
    assert book_speed.others(ipywidgets.Text("a dog")) == ["a", "a dog"]
    assert book_speed.others(ipywidgets.Text("(1)")) == ["(1", "(1)"]
    assert book_speed.others(ipywidgets.Checkbox(True)) == [False, True]
    assert book_speed.others(ipywidgets.Dropdown(options=[("one", 1), ("two", 2)], value=1)) == [2, 1]
    assert book_speed.settings(ipywidgets.VBox([ipywidgets.HBox([slider]), ipywidgets.HTML()])) == [slider]
