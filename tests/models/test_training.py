"""The training loop: what it computes, when it stops, and above all that it can be stopped at any moment.

Run as a program, this file trains a network slowly until somebody kills it.
"""

import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from reading_neurons.models import training
from reading_neurons.models.training import Schedule, fit, mean_loss, seeded_noise, shuffled_batches


@pytest.fixture(autouse=True)
def one_thread():
    """The order of a sum may depend on the number of threads; here it must not."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Sequences:
    """Random sequences of several lengths; the task is to tell how often 3 occurs in one."""

    def __init__(self, count, seed=0):
        rng = np.random.default_rng(seed)
        self.lengths = rng.integers(2, 9, count)
        self._ids = rng.integers(1, 8, (count, 8)) * (np.arange(8) < self.lengths[:, None])

    def __len__(self):
        return len(self.lengths)

    def batch(self, chosen):
        ids = torch.from_numpy(self._ids[chosen])
        return ids, (ids == 3).sum(dim=1).float()


class Counter(nn.Module):
    """A small network with dropout, a buffer that is no number with a point, and something to learn."""

    def __init__(self, seed=0, pause=0.0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.embedding = nn.Parameter(torch.randn(8, 6, generator=generator))
        self.hidden = nn.Parameter(torch.randn(6, 5, generator=generator) / 2)
        self.readout = nn.Parameter(torch.randn(5, generator=generator))
        self.register_buffer("batches", torch.zeros(1, dtype=torch.int64))
        self.pause = pause

    def loss(self, batch):
        time.sleep(self.pause)
        ids, counts = batch
        if self.training:
            self.batches += 1
        words = F.dropout(F.embedding(ids, self.embedding), 0.2, self.training)
        return (torch.tanh(words.sum(dim=1) @ self.hidden) @ self.readout - counts).square().mean()


TRAIN, VALIDATION = Sequences(90), Sequences(30, seed=1)
SCHEDULE = Schedule(epochs=4, batch_size=8, learning_rate=0.02, decay=0.9, patience=4)


def run(schedule=SCHEDULE, network=None, **options):
    """A network trained on the sequences, and its history."""
    network = network or Counter()
    return network, fit(network, TRAIN, VALIDATION, schedule, **options)


def assert_same_run(one, other):
    """Bit for bit the same weights, and the same losses on the way."""
    for (name, weight), again in zip(one[0].state_dict().items(), other[0].state_dict().values(), strict=True):
        assert torch.equal(weight, again), name
    assert one[1].drop(columns="seconds").equals(other[1].drop(columns="seconds"))


class Interrupted(Counter):
    """A network that raises in one of its steps."""

    def __init__(self, error, at):
        super().__init__()
        self.error, self.at, self.count = error, at, 0

    def loss(self, batch):
        self.count += self.training
        if self.count == self.at and self.training:
            raise self.error
        return super().loss(batch)


class Quiet(Counter):
    """A network without dropout."""

    def loss(self, batch):
        self.eval()
        return super().loss(batch)


class Walker(nn.Module):
    """A weight that grows by the learning rate in each step, and whose best value is ``goal``."""

    def __init__(self, goal, slope=1.0):
        super().__init__()
        self.at = nn.Parameter(torch.zeros(()))
        self.goal, self.slope = goal, slope

    def loss(self, batch):
        return -self.slope * self.at if self.training else (self.at - self.goal).abs()


class OneBatch:
    lengths = np.ones(3, dtype=int)

    def __len__(self):
        return 3

    def batch(self, chosen):
        return chosen


def walk(goal, slope=1.0, **schedule):
    network = Walker(goal, slope)
    history = fit(network, OneBatch(), OneBatch(), Schedule(**{"optimizer": "sgd", "learning_rate": 1.0, **schedule}))
    return network.at.item(), history


# Batches


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 9), st.integers(0, 99))
def test_batches_cover_every_index_once(lengths, batch_size, seed):
    batches = shuffled_batches(np.array(lengths), batch_size, seed)
    assert sorted(index for batch in batches for index in batch.tolist()) == list(range(len(lengths)))
    assert sorted(map(len, batches))[1:] == [batch_size] * (len(batches) - 1)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 9), st.integers(0, 99))
def test_batches_hold_sequences_of_nearly_equal_length(lengths, batch_size, seed):
    """As equal as can be: between the lengths of one batch lie no lengths of another."""
    batches = [[lengths[i] for i in batch] for batch in shuffled_batches(np.array(lengths), batch_size, seed)]
    spans = sorted((min(batch), max(batch)) for batch in batches)
    assert all(longest <= shortest for (_, longest), (shortest, _) in zip(spans, spans[1:]))


def test_batches_depend_on_the_seed_alone():
    lengths = np.random.default_rng(0).integers(2, 9, 200)
    orders = [np.concatenate(shuffled_batches(lengths, 8, seed)).tolist() for seed in [(0, 1), (0, 1), (0, 2), (1, 1)]]
    assert orders[0] == orders[1] and orders[0] != orders[2] and orders[0] != orders[3]
    first = [lengths[batch].mean() for batch in shuffled_batches(lengths, 8, 0)]
    assert first != sorted(first)  # nor do the short ones come first


# What training computes


@pytest.mark.parametrize("optimizer, rate", [("adam", 0.02), ("adagrad", 0.1), ("sgd", 0.02)])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_lowers_the_loss(optimizer, rate, precision):
    untrained = mean_loss(Counter(), VALIDATION)
    network, history = run(Schedule(epochs=8, batch_size=8, learning_rate=rate, optimizer=optimizer,
                                    precision=precision))  # fmt: skip
    assert history["validation_loss"].min() < 0.6 * untrained
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]
    assert not network.training


def test_one_row_an_epoch():
    _, history = run()
    assert list(history.columns) == ["epoch", "train_loss", "validation_loss", "seconds"]
    assert history["epoch"].tolist() == [1, 2, 3, 4] and history["seconds"].is_monotonic_increasing


def test_without_noise_and_learning_the_train_loss_is_the_mean_over_examples():
    _, history = run(Schedule(epochs=1, batch_size=7, learning_rate=1e-12), Quiet())
    assert history["train_loss"][0] == pytest.approx(mean_loss(Quiet(), TRAIN), rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 500])
def test_mean_loss_is_the_mean_over_examples(batch_size):
    network = Counter()
    found = mean_loss(network, VALIDATION, batch_size=batch_size)
    assert not network.training
    alone = [network.loss(VALIDATION.batch(np.array([i]))).item() for i in range(len(VALIDATION))]
    assert found == pytest.approx(np.mean(alone), rel=1e-5)


def test_training_stops_early_and_keeps_the_best_epoch():
    at, history = walk(goal=3, epochs=50, patience=2)
    assert at == 3 and len(history) == 5
    assert history["validation_loss"].tolist() == [2, 1, 0, 1, 2]


def test_patience_starts_anew_with_each_better_epoch_and_equal_is_not_better():
    at, history = walk(goal=10, epochs=50, patience=1)
    assert at == 10 and len(history) == 11
    at, history = walk(goal=1.5, epochs=50, patience=3)  # the epochs 1 and 2 are as good as each other
    assert at == 1 and len(history) == 4


def test_an_epoch_can_be_chosen_by_what_is_measured():
    network, train = Counter(), Sequences(64)
    falling = iter([0.5, 0.1, 0.1, 0.3])
    history = fit(
        network, train, train, Schedule(epochs=4, batch_size=16, patience=4),
        measure=lambda trained: {"error": next(falling), "weight": float(trained.readout.detach().sum())}, choose="error",
    )  # fmt: skip
    assert history["error"].tolist() == [0.5, 0.1, 0.1, 0.3]
    assert float(network.readout.detach().sum()) == history["weight"][1] != history["weight"][3]


def test_a_column_that_nobody_measures_chooses_nothing():
    with pytest.raises(ValueError, match="no column 'error'.*validation_loss"):
        fit(Counter(), Sequences(8), Sequences(8), Schedule(epochs=1), choose="error")


def test_the_best_epoch_is_kept_also_when_the_epochs_run_out():
    at, history = walk(goal=2, epochs=3, patience=9)
    assert at == 2 and len(history) == 3


def test_the_learning_rate_decays_from_epoch_to_epoch():
    assert walk(goal=99, epochs=3, decay=0.5)[0] == 1 + 0.5 + 0.25


def test_long_gradients_are_scaled_down_and_short_ones_left():
    assert walk(goal=99, slope=40.0, epochs=1, max_norm=2.0)[0] == pytest.approx(2, abs=1e-4)
    assert walk(goal=99, slope=1.5, epochs=1, max_norm=2.0)[0] == 1.5


def test_no_global_generator_is_touched_nor_asked():
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    first = run()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1]) and random.getstate() == before[2]
    with torch.random.fork_rng():
        torch.manual_seed(123)
        assert_same_run(first, run())


def test_another_seed_is_another_run():
    assert not torch.equal(run()[0].hidden, run(Schedule(**{**asdict(SCHEDULE), "seed": 1}))[0].hidden)


class Witness(Counter):
    """A network that remembers what it was shown, and with which noise."""

    def __init__(self):
        super().__init__()
        self.shown, self.noise = [], []

    def loss(self, batch):
        if self.training:
            self.shown.append(batch[0].tolist())
            self.noise.append(torch.rand(2).tolist())
        return super().loss(batch)


def test_every_epoch_has_its_order_and_every_step_its_noise():
    network, _ = run(network=Witness())
    epochs = [network.shown[begin : begin + 12] for begin in range(0, 48, 12)]
    assert all(one != other for place, one in enumerate(epochs) for other in epochs[:place])
    assert all(sum(map(len, epoch)) == len(TRAIN) for epoch in epochs)
    assert len(set(map(tuple, network.noise))) == 48


def test_noise_depends_on_seed_and_step_and_is_taken_back_after_an_error():
    drawn = {}
    before = torch.get_rng_state()
    for key in [(0, 0), (0, 1), (1, 0)]:
        with seeded_noise(*key):
            drawn[key] = torch.rand(3)
        with pytest.raises(KeyError), seeded_noise(*key):
            assert torch.equal(torch.rand(3), drawn[key])
            raise KeyError
    assert torch.equal(torch.get_rng_state(), before)
    assert len({tuple(numbers.tolist()) for numbers in drawn.values()}) == 3


# What cannot be trained


@pytest.mark.parametrize("setting, value", [
    ("epochs", 0), ("batch_size", 0), ("batch_size", -3), ("patience", 0), ("seed", -1), ("learning_rate", 0.0),
    ("learning_rate", -0.1), ("learning_rate", float("nan")), ("max_norm", 0.0), ("max_norm", -5.0), ("decay", 0.0),
    ("decay", -1.0), ("optimizer", "adamw"), ("precision", "float16"),
])  # fmt: skip
def test_a_bad_schedule_is_an_error_that_says_what_was_found(setting, value):
    with pytest.raises(ValueError, match=f"{setting}.*{value}"):
        Schedule(**{setting: value})


@pytest.mark.parametrize("train, validation", [(0, 3), (3, 0)])
def test_nothing_to_learn_or_to_stop_on_is_an_error(train, validation):
    with pytest.raises(ValueError, match=f"found {train} and {validation}"):
        fit(Counter(), Sequences(train), Sequences(validation), SCHEDULE)


class Nan(Counter):
    """A network whose loss is NaN in one step, or in validation."""

    def __init__(self, step=None):
        super().__init__()
        self.step, self.count = step, -1

    def loss(self, batch):
        self.count += self.training
        bad = self.count == self.step if self.training else self.step is None
        return super().loss(batch) * (float("nan") if bad else 1.0)


def test_a_loss_that_becomes_nan_is_an_error_that_names_the_step(tmp_path):
    with pytest.raises(ValueError, match="NaN in step 17: try a smaller learning rate than 0.02"):
        run(network=Nan(17), checkpoint=tmp_path / "run", save_every=0)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_validation_loss_that_is_nan_is_an_error():
    """Else no epoch would ever be the best, and the untrained weights would pass for trained ones."""
    with pytest.raises(ValueError, match="validation loss became NaN after step 11"):
        run(network=Nan())


# Stopping and going on


@pytest.fixture(scope="module")
def uninterrupted():
    torch.set_num_threads(1)
    return run()


def test_a_checkpoint_changes_nothing_and_is_forgotten_when_told(tmp_path, uninterrupted):
    left = tmp_path / "deep" / "run.1234.part"  # by a run that was killed as it wrote
    left.parent.mkdir()
    left.write_bytes(b"half")
    other = left.with_name("other.1234.part")
    other.write_bytes(b"half")
    checkpoint = tmp_path / "deep" / "run"
    assert_same_run(run(checkpoint=checkpoint, save_every=0), uninterrupted)
    assert_same_run(run(checkpoint=checkpoint), uninterrupted)  # killed before the network was stored
    training.forget(checkpoint)
    assert list(left.parent.iterdir()) == [other]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("out of memory")], ids=repr)
@pytest.mark.parametrize("at", [1, 2, 12, 13, 30, 48])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path, uninterrupted, error, at):
    checkpoint = tmp_path / "run"
    with pytest.raises(type(error)):
        run(network=Interrupted(error, at), checkpoint=checkpoint, save_every=0)
    assert [path.name for path in tmp_path.iterdir()] == (["run"] if at > 1 else [])
    assert_same_run(run(network=Counter(seed=9) if at > 1 else None, checkpoint=checkpoint), uninterrupted)


@pytest.mark.parametrize("optimizer", training.OPTIMIZERS)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_optimizer_goes_on_where_it_was(tmp_path, optimizer, precision):
    schedule = Schedule(epochs=3, batch_size=8, learning_rate=0.02, optimizer=optimizer, precision=precision, decay=0.5)
    whole = run(schedule)
    for at in (7, 9):
        with pytest.raises(KeyboardInterrupt):
            run(schedule, Interrupted(KeyboardInterrupt(), at), checkpoint=tmp_path / "run", save_every=0)
    assert_same_run(run(schedule, checkpoint=tmp_path / "run"), whole)


def test_between_epochs_a_checkpoint_is_kept_whatever_the_interval(tmp_path, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        run(network=Interrupted(KeyboardInterrupt(), 20), checkpoint=tmp_path / "run", save_every=1e9)
    network = Counter()
    assert_same_run(run(network=network, checkpoint=tmp_path / "run"), uninterrupted)


class Unloadable(Counter):
    """A network that is interrupted as it takes the weights of its best epoch."""

    def load_state_dict(self, *_, **__):
        raise KeyboardInterrupt


def test_a_run_interrupted_after_its_last_epoch_has_nothing_left_to_do(tmp_path, monkeypatch, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        run(network=Unloadable(), checkpoint=tmp_path / "run")
    monkeypatch.setattr(training, "_step", None)
    assert_same_run(run(checkpoint=tmp_path / "run"), uninterrupted)


@pytest.mark.parametrize("broken", ["save_file", "os.replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
def test_a_save_that_fails_leaves_the_checkpoint_before_it(tmp_path, monkeypatch, uninterrupted, broken, error):
    checkpoint, count = tmp_path / "run", iter(range(100))
    function = training.save_file if broken == "save_file" else training.os.replace

    def failing(*arguments):
        if next(count) == 15:
            if broken == "save_file":
                Path(arguments[1]).write_bytes(b"half of a file")
            raise error
        return function(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(training if broken == "save_file" else training.os, broken.removeprefix("os."), failing)
        with pytest.raises(type(error)):
            run(checkpoint=checkpoint, save_every=0)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert_same_run(run(checkpoint=checkpoint), uninterrupted)


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "no header", "not a checkpoint", "other progress"])
def test_a_damaged_checkpoint_is_reported_and_training_starts_anew(tmp_path, caplog, uninterrupted, damage):
    checkpoint = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run(network=Interrupted(KeyboardInterrupt(), 20), checkpoint=checkpoint, save_every=0)
    whole = checkpoint.read_bytes()
    contents = {"empty": b"", "text": b"no checkpoint at all", "truncated": whole[:-9], "no header": whole[30:]}
    if damage in contents:
        checkpoint.write_bytes(contents[damage])
    else:
        save_file({"a": torch.ones(2)}, checkpoint, {"progress": '{"era": 1}'} if damage == "other progress" else None)
    found = run(checkpoint=checkpoint, save_every=0)
    assert "cannot be read" in caplog.text and "starts anew" in caplog.text and str(checkpoint) in caplog.text
    assert_same_run(found, uninterrupted)


def test_killed_twice_at_any_moment_a_run_ends_with_the_same_weights(tmp_path, uninterrupted):
    """With ``save_every=0`` most of the time goes into saving, so a kill often comes in the middle of it."""
    checkpoint, rng = tmp_path / "run", random.Random(time.time_ns())
    for steps in (rng.randrange(1, 15), rng.randrange(1, 15)):
        child = subprocess.Popen([sys.executable, __file__, str(checkpoint)], stdout=subprocess.PIPE, text=True)
        for _ in range(steps):
            assert child.stdout.readline(), "the run ended before it could be killed"
        time.sleep(rng.random() * 0.02)
        child.kill()
        assert child.wait(20) == -signal.SIGKILL
        child.stdout.close()
    with training.safe_open(checkpoint, framework="pt") as file:
        assert '"step": ' in file.metadata()["progress"] and '"step": 0,' not in file.metadata()["progress"]
    assert_same_run(run(network=Counter(seed=9), checkpoint=checkpoint), uninterrupted)
    training.forget(checkpoint)
    assert not list(tmp_path.iterdir())


class Talkative(Counter):
    """Says that a step begins: from the second on, the first is in a checkpoint."""

    def loss(self, batch):
        if self.batches and self.training:
            print("step", flush=True)
        return super().loss(batch)


if __name__ == "__main__":
    torch.set_num_threads(1)
    fit(Talkative(pause=0.01), TRAIN, VALIDATION, SCHEDULE, checkpoint=Path(sys.argv[1]), save_every=0)
