"""Networks that are kept: trained once, loaded afterwards, and never wrong ones.

Run as a program, this file trains a network slowly until somebody kills it.
"""

import json
import logging
import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, fields, replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from reading_neurons.corpora import CaptionCorpus, scenes
from reading_neurons.corpora.fetch import CACHE_VARIABLE
from reading_neurons.models import Imaginet, LanguageModel, SumPathway, store, trained, untrained
from reading_neurons.models.store import fingerprint, key, recipe
from reading_neurons.models.training import Schedule

CORPUS = scenes.generate(scenes=50)
BARE = CaptionCorpus("bare", *(replace(split, scenes=None, dimensions=()) for split in CORPUS.splits))
SIZES = {"embedding": 8, "units": 8}
SMALL = {**SIZES, "epochs": 2}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where the networks of one test are kept."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    return tmp_path / "networks"


@pytest.fixture(autouse=True)
def one_thread():
    """The order of a sum may depend on the number of threads; here it must not."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_training(monkeypatch):
    """Whoever trains from now on fails."""

    def forbid():
        def fail(*_, **__):
            raise AssertionError("trained although the network is kept")

        monkeypatch.setattr(store, "fit", fail)

    return forbid


def assert_same(one, other):
    for (name, weight), again in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(weight, again), name
    assert fingerprint(one) == fingerprint(other)
    columns = ["epoch", "train_loss", "validation_loss"]
    assert one.history[columns].equals(other.history[columns])


def kept(folder):
    """The one folder of a network that is kept."""
    (only,) = folder.iterdir()
    return only


# Keeping


@pytest.mark.parametrize("name, kind", [("imaginet", Imaginet), ("sum", SumPathway), ("language model", LanguageModel)])
def test_a_network_is_trained_once(folder, no_training, name, kind):
    settings = {key: value for key, value in SMALL.items() if name != "sum" or key != "units"}
    first = trained(name, CORPUS, **settings)
    assert sorted(path.name for path in kept(folder).iterdir()) == ["card.json", "weights.safetensors"]
    no_training()
    second = trained(name, CORPUS, **settings)
    assert_same(first, second)
    assert type(first) is type(second) is kind and not first.training and not second.training
    assert first.history.equals(second.history) and len(first.history) == 2
    assert first.vocabulary == second.vocabulary


def test_what_is_kept_is_no_pickle(folder):
    trained("imaginet", CORPUS, **SMALL)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".safetensors"}
    for path in files:
        with pytest.raises((pickle.UnpicklingError, ValueError, EOFError, KeyError, IndexError)):
            pickle.loads(path.read_bytes())
    with safe_open(kept(folder) / "weights.safetensors", framework="pt") as file:
        assert "embedding.weight" in file.keys()


def test_the_card_tells_what_the_network_is(folder):
    network = trained("imaginet", CORPUS, alpha=0.4, **SMALL)
    card = json.loads((kept(folder) / "card.json").read_text())
    assert card["network"] == "imaginet" and card["corpus"] == "scenes" and card["content"] == CORPUS.fingerprint
    assert card["recipe"]["sizes"] == {**SIZES, "alpha": 0.4, "seed": 0} and card["recipe"]["schedule"]["epochs"] == 2
    assert card["fingerprint"] == fingerprint(network) and len(card["history"]) == 2
    assert kept(folder).name.startswith("imaginet-scenes-")


def test_training_starts_from_the_untrained_network_and_changes_it():
    control, network = untrained("imaginet", CORPUS, **SMALL), trained("imaginet", CORPUS, **SMALL)
    assert not control.training
    assert fingerprint(control) == fingerprint(untrained("imaginet", CORPUS, **SMALL)) != fingerprint(network)
    assert torch.equal(control.scene_mean, network.scene_mean) and control.scene_mean.any()
    assert (control.embedding.weight - network.embedding.weight).abs().max() > 1e-3


def test_a_corpus_can_be_named(monkeypatch):
    monkeypatch.setattr(store, "load", lambda name: {"scenes": CORPUS}[name])
    assert_same(trained("imaginet", "scenes", **SMALL), trained("imaginet", CORPUS, **SMALL))


def test_no_global_generator_is_touched():
    before = torch.get_rng_state()
    trained("imaginet", CORPUS, **SMALL)
    assert torch.equal(torch.get_rng_state(), before)


# Keys


def key_of(name="imaginet", corpus=CORPUS, **changes):
    return key(name, corpus, recipe(name, corpus.name, **changes))


@pytest.mark.parametrize("change", [
    {"embedding": 9}, {"units": 9}, {"alpha": 0.2}, {"cell": "kadar"}, {"as_published": True}, {"seed": 1},
    {"epochs": 3}, {"batch_size": 63}, {"learning_rate": 0.1}, {"optimizer": "sgd"}, {"max_norm": 1.0},
    {"patience": 1}, {"decay": 0.9}, {"precision": "bfloat16"}, {"min_count": 2},
], ids=str)  # fmt: skip
def test_every_setting_is_part_of_the_key(change):
    assert key_of(**SIZES) != key_of(**{**SIZES, **change})


def test_every_field_of_a_schedule_is_part_of_the_key():
    card = store._ingredients("imaginet", CORPUS, recipe("imaginet", "scenes"))
    assert set(card["recipe"]["schedule"]) == {field.name for field in fields(Schedule)}


def test_network_corpus_and_version_are_part_of_the_key(monkeypatch):
    keys = [key_of(), key_of("language model"), key_of(corpus=replace(CORPUS, name="other"))]
    texts = ("A dog runs.", *CORPUS.test.texts[1:])
    keys.append(key_of(corpus=replace(CORPUS, test=replace(CORPUS.test, texts=texts))))
    keys.append(key_of(corpus=replace(CORPUS, train=replace(CORPUS.train, scenes=CORPUS.train.scenes * 2))))
    keys.append(key_of(corpus=scenes.generate(scenes=50, seed=1)))
    monkeypatch.setattr(torch, "__version__", "9.9.9+cpu")
    keys.append(key_of())
    monkeypatch.setattr(store, "RECIPE", 0)
    keys.append(key_of())
    assert len(set(keys)) == len(keys)


def test_the_key_is_that_of_what_is_said_not_how(monkeypatch):
    assert key_of(units=8, embedding=9) == key_of(embedding=9, units=8)
    assert key_of(corpus=scenes.generate(scenes=50)) == key_of()
    monkeypatch.setattr(torch, "__version__", "9.9.9+cpu")
    cpu = key_of()
    monkeypatch.setattr(torch, "__version__", "9.9.9+cu128")
    assert key_of() == cpu


def test_two_seeds_are_two_networks(folder):
    networks = [trained("imaginet", CORPUS, seed=seed, **SMALL) for seed in (0, 1)]
    assert fingerprint(networks[0]) != fingerprint(networks[1]) and len(list(folder.iterdir())) == 2


def test_a_narrow_network_is_trained_by_one_thread_and_the_others_come_back(trees, monkeypatch):
    seen = []
    fit = store.fit

    def watched(*arguments, **options):
        seen.append(torch.get_num_threads())
        return fit(*arguments, **options)

    monkeypatch.setattr(store, "fit", watched)
    torch.set_num_threads(2)
    trained("lstm", trees, **SIZES, epochs=1)
    trained("sum", CORPUS, embedding=4, epochs=1)
    assert seen == [1, 2] and torch.get_num_threads() == 2


# Recipes


@pytest.mark.parametrize("name, corpus", store.RECIPES)
def test_every_recipe_fits_its_network(name, corpus, trees, strings):
    settings = store.RECIPES[name, corpus].sizes
    assert recipe(name, corpus).sizes == {**settings, "seed": 0}
    small = {size: 4 for size, value in settings.items() if isinstance(value, int)}
    network = store.NETWORKS[name]
    assert isinstance(untrained(name, {"scenes": CORPUS, "polarity": trees, "parentheses": strings}[network.world], **small), network)


def test_naming_a_default_makes_no_other_network():
    assert recipe("lstm", "sst", classes=5) == recipe("lstm", "sst") != recipe("lstm", "sst", classes=2)
    assert recipe("imaginet", "scenes", alpha=0.1) == recipe("imaginet", "scenes")
    assert recipe("imaginet", "scenes", units=1024) != recipe("imaginet", "scenes")
    assert recipe("lstm", "sst", dropout=0.2).sizes["dropout"] == 0.2  # the recipe's own is another


def test_changes_go_where_they_belong():
    found = recipe("imaginet", "scenes", units=5, alpha=0.5, epochs=9, seed=3, min_count=7)
    assert (found.sizes["units"], found.sizes["alpha"], found.sizes["seed"]) == (5, 0.5, 3)
    assert (found.schedule.epochs, found.schedule.seed, found.min_count) == (9, 3, 7)
    unchanged = recipe("imaginet", "scenes")
    assert {**asdict(found.schedule), "epochs": unchanged.schedule.epochs, "seed": 0} == asdict(unchanged.schedule)
    assert unchanged == replace(store.RECIPES["imaginet", "scenes"], sizes=unchanged.sizes)


def test_a_corpus_without_a_recipe_takes_that_of_scenes():
    assert recipe("imaginet", "mine") == recipe("imaginet", "scenes") != recipe("imaginet", "coco")


def test_rare_words_are_unknown_to_a_network_with_a_threshold():
    few, all_words = untrained("sum", CORPUS, embedding=4, min_count=9), untrained("sum", CORPUS, embedding=4)
    assert len(few.vocabulary) < len(all_words.vocabulary)
    assert all(word in all_words.vocabulary for words in CORPUS.train.tokens for word in words)


@pytest.mark.parametrize("make", [trained, untrained])
@pytest.mark.parametrize("settings, message", [
    ({"unitz": 3}, "'imaginet' has no setting 'unitz'; its settings are embedding, units, .*epochs.*, min_count"),
    ({"unitz": 3, "units": 4, "epoch": 1}, "no setting 'unitz', 'epoch';"),
    ({"vocabulary": 3}, "no setting 'vocabulary'"),
    ({"cell": "lstm"}, "unknown cell 'lstm': choose one of 'torch', 'kadar'"),
    ({"epochs": 0}, "epochs and batch_size must be at least 1, found 0"),
    ({"optimizer": "adamw"}, "unknown optimizer 'adamw': choose one of adam, adagrad, sgd"),
])  # fmt: skip
def test_a_bad_setting_is_an_error_that_lists_the_good(folder, make, settings, message):
    with pytest.raises(ValueError, match=message):
        make("imaginet", CORPUS, **settings)
    assert not folder.exists()


def test_a_setting_of_another_network_is_unknown():
    for name, setting in [("sum", "units"), ("sum", "cell"), ("language model", "alpha")]:
        with pytest.raises(ValueError, match=f"'{name}' has no setting '{setting}'; its settings are embedding"):
            untrained(name, CORPUS, **{setting: 1})


@pytest.mark.parametrize("make", [trained, untrained])
def test_an_unknown_network_or_corpus_is_an_error_that_lists_the_known(make):
    with pytest.raises(ValueError, match="'imagine': choose one of 'imaginet', 'sum', 'language model'"):
        make("imagine", CORPUS)
    with pytest.raises(ValueError, match="unknown corpus 'cocoa'; known are arithmetic, c_source, coco, .* tiny_c, and from_text"):
        make("imaginet", "cocoa")


@pytest.mark.parametrize("make", [trained, untrained])
@pytest.mark.parametrize("name", ["imaginet", "sum"])
def test_a_visual_network_needs_scenes(folder, make, name):
    with pytest.raises(ValueError, match="has no scene vectors, which the visual pathway needs"):
        make(name, BARE, embedding=8)
    assert not folder.exists()


def test_a_language_model_needs_no_scenes(no_training):
    first = trained("language model", BARE, **SMALL)
    no_training()
    assert_same(first, trained("language model", BARE, **SMALL))


# Damage


def flipped(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 64
    path.write_bytes(content)


def other_shapes(path):
    save_file({name: torch.ones(2, 2) for name in load_file(path)}, path)


def other_card(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "fingerprint": "0" * 16}))


@pytest.mark.parametrize("file, damage", [
    ("weights.safetensors", flipped),
    ("weights.safetensors", other_shapes),
    ("weights.safetensors", lambda path: path.write_bytes(path.read_bytes()[:-100])),
    ("weights.safetensors", lambda path: path.write_bytes(b"")),
    ("weights.safetensors", lambda path: path.unlink()),
    ("card.json", lambda path: path.write_text(path.read_text()[:-20])),
    ("card.json", lambda path: path.write_text("")),
    ("card.json", lambda path: path.write_text("null")),
    ("card.json", lambda path: path.write_text("[]")),
    ("card.json", lambda path: path.write_text("{}")),
    ("card.json", lambda path: path.write_bytes(b"\xff\xfe\x00")),
    ("card.json", other_card),
])  # fmt: skip
def test_a_damaged_network_is_reported_and_trained_anew_from_the_start(folder, caplog, no_training, file, damage):
    first = trained("imaginet", CORPUS, **SMALL)
    damage(kept(folder) / file)
    with caplog.at_level(logging.WARNING):
        second = trained("imaginet", CORPUS, **SMALL)
    assert "cannot be used" in caplog.text and "trained anew" in caplog.text and kept(folder).name in caplog.text
    assert_same(first, second)
    no_training()
    assert_same(first, trained("imaginet", CORPUS, **SMALL))


def test_weights_without_a_card_are_not_trusted(folder, caplog):
    """The card is written last: without it the weights may be those of a run that was killed in between."""
    first = trained("imaginet", CORPUS, **SMALL)
    (kept(folder) / "card.json").unlink()
    flipped(kept(folder) / "weights.safetensors")
    assert_same(first, trained("imaginet", CORPUS, **SMALL))
    assert not caplog.records


def test_a_run_that_fails_keeps_nothing(folder, no_training):
    no_training()
    with pytest.raises(AssertionError):
        trained("imaginet", CORPUS, **SMALL)
    assert not list(folder.rglob("*.json"))


# Fingerprints


def test_a_fingerprint_is_that_of_the_weights():
    first, second = nn.Linear(3, 2), nn.Linear(3, 2)
    assert fingerprint(first) != fingerprint(second)
    second.load_state_dict(first.state_dict())
    assert fingerprint(first) == fingerprint(second) == fingerprint(first.eval())


def test_a_fingerprint_changes_with_every_weight_and_name():
    network = untrained("imaginet", CORPUS, **SMALL)
    found = {fingerprint(network)}
    weights = network.state_dict()
    for weight in weights.values():
        weight.view(-1)[-1] += 1e-3
        found.add(fingerprint(network))
    assert len(found) == len(weights) + 1
    module = nn.ParameterDict({"a": nn.Parameter(torch.ones(2))})
    assert fingerprint(module) != fingerprint(nn.ParameterDict({"b": module["a"]}))


# Kill and resume

LONG = {**SIZES, "epochs": 3, "batch_size": 16}


def test_a_killed_training_goes_on_and_ends_with_the_same_weights(folder, tmp_path, monkeypatch, caplog):
    rng = random.Random(time.time_ns())
    child = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    for _ in range(rng.randrange(2, 25)):
        assert child.stdout.readline(), "the training ended before it could be killed"
    time.sleep(rng.random() * 0.02)
    child.kill()
    assert child.wait(20) == -signal.SIGKILL
    child.stdout.close()
    assert "training.safetensors" in [path.name for path in kept(folder).iterdir()]
    with caplog.at_level(logging.INFO):
        resumed = trained("imaginet", CORPUS, **LONG)
    assert "going on from" in caplog.text
    assert sorted(path.name for path in kept(folder).iterdir()) == ["card.json", "weights.safetensors"]
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "another"))
    assert_same(resumed, trained("imaginet", CORPUS, **LONG))


def train_slowly():
    """Train with a checkpoint after each step, and say when one begins."""
    torch.set_num_threads(1)
    fit, loss = store.fit, Imaginet.loss

    def slow_loss(network, batch):
        print("step", flush=True)
        time.sleep(0.01)
        return loss(network, batch)

    Imaginet.loss = slow_loss
    store.fit = lambda *arguments, **options: fit(*arguments, **options, save_every=0)
    trained("imaginet", CORPUS, **LONG)


if __name__ == "__main__":
    train_slowly()
