"""The one training loop of the project.

A network that can be trained has ``loss(batch)``, its examples have ``lengths`` and ``batch(indices)``. The loop adds
batches of nearly equal length, gradient clipping, early stopping on a validation loss, a progress bar, and
checkpoints: killed at any moment, it resumes to the same final weights.

Easy to get wrong: what resuming must restore. Here nothing random is carried along: the order of an epoch follows
from (seed, epoch) and the noise of a step (dropout) from (seed, step), so weights, optimiser and counters are all.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from reading_neurons.progress import progress_bar

logger = logging.getLogger(__name__)
OPTIMIZERS = {"adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad, "sgd": torch.optim.SGD}


class Examples(Protocol):
    """What a network learns from, by index."""

    lengths: np.ndarray

    def __len__(self) -> int: ...

    def batch(self, chosen: np.ndarray) -> Any:
        """The examples with these indices, as the network's ``loss`` takes them."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn.

    Attributes
    ----------
    epochs : int
        Passes over the training examples at most.
    batch_size : int
    learning_rate : float
    optimizer : "adam", "adagrad" or "sgd"
    max_norm : float
        Gradients longer than this are scaled down to it.
    patience : int
        Stop after so many epochs without a better validation loss.
    decay : float
        Factor on the learning rate after each epoch.
    precision : "float32" or "bfloat16"
        bfloat16 is faster for wide networks on processors that know it, and slower for narrow ones.
    seed : int
    """

    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-3
    optimizer: str = "adam"
    max_norm: float = 5.0
    patience: int = 2
    decay: float = 1.0
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self):
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {self.optimizer!r}: choose one of {', '.join(OPTIMIZERS)}")
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"unknown precision {self.precision!r}: choose float32 or bfloat16")
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(f"epochs and batch_size must be at least 1, found {self.epochs} and {self.batch_size}")
        if self.patience < 1 or self.seed < 0:
            raise ValueError(f"patience must be at least 1 and seed at least 0, found {self.patience} and {self.seed}")
        for name in ("learning_rate", "max_norm", "decay"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, found {getattr(self, name)}")


@dataclass
class Progress:
    """Where a training run stands."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float = float("inf")
    waited: int = 0
    loss_sum: float = 0.0
    seconds: float = 0.0
    history: list[dict] = field(default_factory=list)


def fit(
    network: nn.Module,
    train: Examples,
    validation: Examples,
    schedule: Schedule,
    *,
    measure: Callable[[nn.Module], Mapping[str, float]] | None = None,
    choose: str = "validation_loss",
    checkpoint: Path | None = None,
    save_every: float = 120.0,
    label: str = "training",
) -> pd.DataFrame:
    """Train a network in place and leave it with the weights of its best epoch.

    Parameters
    ----------
    network : Module
        With ``loss(batch) -> scalar tensor``.
    train, validation : Examples
    schedule : Schedule
    measure : callable, optional
        From the network after an epoch, in evaluation mode, to more columns of the history.
    choose : str
        The column of the history whose least value makes the best epoch, the first of several.
    checkpoint : path, optional
        Where to keep the state of the run; if the file is there, the run goes on from it. It stays at the end, for a
        kill before the network is stored must not cost the training; see :func:`forget`.
    save_every : float
        Seconds between two checkpoints within an epoch.
    label : str
        What the progress bar says.

    Returns
    -------
    DataFrame
        One row per epoch: ``epoch``, ``train_loss``, ``validation_loss``, ``seconds``, and what ``measure`` gives.

    Raises
    ------
    ValueError
        If ``choose`` is no column of the history, there are no examples, or the loss becomes NaN (the message says in
        which step).
    """
    if not len(train) or not len(validation):
        raise ValueError(f"expected examples to train and to stop on, found {len(train)} and {len(validation)}")
    optimizer = _optimizer(network, schedule)
    progress, best = Progress(), _weights(network)
    if checkpoint is not None and checkpoint.exists():
        progress, best = _resume(checkpoint, network, optimizer, progress, best)
    while progress.epoch < schedule.epochs and progress.waited < schedule.patience:
        _epoch(network, optimizer, train, schedule, progress, best, checkpoint, save_every, label)
        _close_epoch(network, validation, schedule, progress, best, train, measure, choose)
        if checkpoint is not None:
            _save(checkpoint, network, optimizer, progress, best)
    network.load_state_dict(best)
    network.eval()
    return pd.DataFrame(progress.history)


def forget(checkpoint: Path) -> None:
    """Delete a checkpoint, and what a kill left of one: for a run whose network is safe elsewhere."""
    for left in (checkpoint, *checkpoint.parent.glob(f"{checkpoint.name}.*.part")):
        left.unlink(missing_ok=True)


def _epoch(network, optimizer, train, schedule, progress, best, checkpoint, save_every, label) -> None:
    """The rest of the current epoch, from ``progress.batch`` on."""
    network.train()
    for group in optimizer.param_groups:
        group["lr"] = schedule.learning_rate * schedule.decay**progress.epoch
    batches = shuffled_batches(train.lengths, schedule.batch_size, (schedule.seed, progress.epoch))
    bar = progress_bar(
        batches[progress.batch :], desc=f"{label}, epoch {progress.epoch + 1}/{schedule.epochs}", unit="batch",
        initial=progress.batch, total=len(batches), leave=False, mininterval=0.5,
    )  # fmt: skip
    began = saved = time.monotonic()
    seconds = progress.seconds
    for chosen in bar:
        progress.loss_sum += _step(network, optimizer, train.batch(chosen), schedule, progress.step) * len(chosen)
        progress.batch += 1
        progress.step += 1
        progress.seconds = seconds + time.monotonic() - began
        if checkpoint is not None and time.monotonic() - saved > save_every:
            _save(checkpoint, network, optimizer, progress, best)
            saved = time.monotonic()


def _step(network, optimizer, batch, schedule: Schedule, step: int) -> float:
    optimizer.zero_grad(set_to_none=True)
    with seeded_noise(schedule.seed, step), _autocast(schedule.precision):
        loss = network.loss(batch)
    value = loss.item()
    if value != value:
        raise ValueError(
            f"the loss became NaN in step {step}: try a smaller learning rate than {schedule.learning_rate}"
        )
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), schedule.max_norm)
    optimizer.step()
    return value


def _close_epoch(network, validation, schedule, progress, best, train, measure, choose) -> None:
    """Validate, keep the weights if they are the best so far, and count the epoch as done."""
    loss = mean_loss(network, validation, schedule.precision)
    if loss != loss:
        raise ValueError(
            f"the validation loss became NaN after step {progress.step - 1}: "
            f"try a smaller learning rate than {schedule.learning_rate}"
        )
    progress.history.append(
        {
            "epoch": progress.epoch + 1,
            "train_loss": progress.loss_sum / len(train),
            "validation_loss": loss,
            "seconds": progress.seconds,
            **(measure(network) if measure is not None else {}),
        }
    )
    if choose not in progress.history[-1]:
        raise ValueError(f"no column {choose!r} to choose an epoch by: found {', '.join(progress.history[-1])}")
    logger.info("epoch %d: %s", progress.epoch + 1, progress.history[-1])
    progress.waited += 1
    if (value := progress.history[-1][choose]) < progress.best:
        progress.best, progress.waited = value, 0
        for name, weight in network.state_dict().items():
            best[name].copy_(weight)
    progress.epoch, progress.batch, progress.loss_sum = progress.epoch + 1, 0, 0.0


@torch.inference_mode()
def mean_loss(network: nn.Module, examples: Examples, precision: str = "float32", batch_size: int = 128) -> float:
    """Mean loss of a network over examples, without training it."""
    network.eval()
    total = 0.0
    order = np.argsort(examples.lengths, kind="stable")
    for begin in range(0, len(order), batch_size):
        chosen = order[begin : begin + batch_size]
        with _autocast(precision):
            total += network.loss(examples.batch(chosen)).item() * len(chosen)
    return total / len(examples)


def shuffled_batches(lengths: np.ndarray, batch_size: int, seed) -> list[np.ndarray]:
    """Batches of nearly equal length in random order; every index occurs once.

    Examples
    --------
    >>> batches = shuffled_batches(np.array([3, 9, 3, 9]), 2, seed=0)
    >>> sorted(sorted(batch.tolist()) for batch in batches)
    [[0, 2], [1, 3]]
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(lengths))
    order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    batches = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


@contextmanager
def seeded_noise(seed: int, step: int):
    """Draw dropout masks that depend on (seed, step) alone, and leave the global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(np.random.SeedSequence((seed, step)).generate_state(1)[0]))
        yield


def _autocast(precision: str):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16")


def _optimizer(network: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    return OPTIMIZERS[schedule.optimizer](network.parameters(), lr=schedule.learning_rate, fused=True)


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in network.state_dict().items()}


def _save(path: Path, network, optimizer, progress: Progress, best: dict[str, Tensor]) -> None:
    """One file, replaced in one move: a kill leaves the old checkpoint or the new one, never half of one."""
    tensors = {f"network/{name}": weight for name, weight in network.state_dict().items()}
    tensors |= {f"best/{name}": weight for name, weight in best.items()}
    for number, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{number}/{slot}": torch.as_tensor(value) for slot, value in slots.items()}
    save_tensors(path, tensors, {"progress": json.dumps(asdict(progress))})


def save_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary, metadata)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _resume(path: Path, network, optimizer, progress: Progress, best: dict[str, Tensor]):
    """Go on from a checkpoint; a file that cannot be read is deleted and training starts anew."""
    try:
        with safe_open(path, framework="pt") as file:
            restored = Progress(**json.loads(file.metadata()["progress"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        logger.warning("the checkpoint %s cannot be read (%s): training starts anew", path, error)
        path.unlink(missing_ok=True)
        return progress, best
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        part, rest = name.split("/", 1)
        parts[part][rest] = tensor
    network.load_state_dict(parts["network"])
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in parts["optimizer"].items():
        number, slot = name.split("/")
        slots.setdefault(int(number), {})[slot] = tensor
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    logger.info("going on from %s: epoch %d, batch %d", path, restored.epoch + 1, restored.batch)
    return restored, parts["best"]
