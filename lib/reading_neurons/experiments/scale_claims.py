"""What is read off the measurements of :mod:`reading_neurons.experiments.scale_measured`.

The seconds of a word are taken to be ``a + b units + c units**2``: what is done once for a word whatever the units,
what is done for each unit, and the product of the state with the recurrent weights. Amdahl's law says what many
machines are good for: with w the worker's seconds of a shard and c the client's,

    speed-up(n) = (w + c) / (w / n + c),

which never exceeds 1 + w / c.

Easy to get wrong: taking that for a measurement. Two workers were measured; a thousand were not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from reading_neurons.experiments.record import Claim
from reading_neurons.experiments.scale_measured import APART, HERE, START, TWO
from reading_neurons.statistics import interval
from reading_neurons.verdicts import decided

REPLICATES = 1000
OURS = "our design"
MOST_GROWTH = 1.1  # of a process's memory, from once to 16 times a corpus
LEAST_SHARE = 0.9  # of the speed of two processes that share nothing


def per_word(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The median microseconds of a processor for a word: ``units``, ``microseconds``, ``modelled``."""
    rows = tables["passes"]
    measured = (rows["processor"] / rows["words"] * 1e6).groupby(rows["units"]).median()
    modelled = cost(tables, measured.index.to_numpy()) * 1e6
    return pd.DataFrame({"units": measured.index, "microseconds": measured.to_numpy(), "modelled": modelled})


def coefficients(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """``a``, ``b`` and ``c`` of the seconds of a word, none below 0, each measurement weighed by its own size."""
    rows = tables["passes"]
    units = rows["units"].to_numpy(dtype=float) / 1024
    weight = rows["words"].to_numpy() / rows["processor"].to_numpy() * 1e-6
    design = np.stack([np.ones_like(units), units, units**2], axis=1) * weight[:, None]
    return nnls(design, np.ones(len(rows)))[0] * 1e-6 / 1024 ** np.arange(3)


def cost(tables: Mapping[str, pd.DataFrame], units: np.ndarray | Sequence[int]) -> np.ndarray:
    """The seconds of a word by the model, for each number of units."""
    return np.power.outer(np.asarray(units, dtype=float), np.arange(3)) @ coefficients(tables)


def exponent_of_words(rows: pd.DataFrame) -> float:
    """The slope of the logarithm of seconds on that of words, with a level of its own for each number of units."""
    logs = np.log(rows[["words", "processor"]].to_numpy(dtype=float))
    centred = logs - pd.DataFrame(logs).groupby(rows["units"].to_numpy()).transform("mean").to_numpy()
    spread = centred[:, 0] @ centred[:, 0]
    return float(centred[:, 0] @ centred[:, 1] / spread) if spread > 1e-9 else np.nan


def speed_up(tables: Mapping[str, pd.DataFrame], units: int, road: str = TWO, beside: str = HERE) -> np.ndarray:
    """How many times the speed of another road one has, in each repeat; what sending the network takes is left out."""
    rows = tables["workers"]
    wide = rows[rows["units"] == units].pivot(index="repeat", columns="road", values="seconds")
    start = wide[START]
    spent = {name: wide[name] - (0 if name == HERE else start) for name in (road, beside)}
    return (spent[beside] / spent[road]).to_numpy()


def amdahl(tables: Mapping[str, pd.DataFrame], units: int, machines: np.ndarray | Sequence[int]) -> np.ndarray:
    """The speed-up of so many machines of one thread that follows from the seconds of a shard; an extrapolation."""
    rows = tables["shards"]
    rows = rows[rows["units"] == units]
    worker, client = float(rows["worker"].median()), float(rows["client"].iloc[0])
    return (worker + client) / (worker / np.asarray(machines, dtype=float) + client)


def costs(tables: Mapping[str, pd.DataFrame], words: Sequence[int]) -> pd.DataFrame:
    """The seconds that the model gives for corpora of so many words, and what Amdahl's law divides them by.

    Returns
    -------
    DataFrame
        ``units``, ``words``, ``seconds`` (one machine of one thread), ``serial`` (the client's share of the work).
    """
    parts = []
    for units, rows in tables["shards"].groupby("units"):
        client, worker = float(rows["client"].iloc[0]), float(rows["worker"].median())
        seconds = np.asarray(words, dtype=float) * cost(tables, [units])[0]
        serial = client / (client + worker)
        parts.append(pd.DataFrame({"units": units, "words": words, "seconds": seconds, "serial": serial}))
    return pd.concat(parts, ignore_index=True)


def speed_ups(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The speed-ups of every repeat: ``units``, ``road``, ``repeat``, ``speed_up`` beside one process."""
    return pd.DataFrame(
        [
            (units, road, repeat, value)
            for units in sorted(tables["workers"]["units"].unique())
            for road in (APART, TWO)
            for repeat, value in enumerate(speed_up(tables, units, road))
        ],
        columns=["units", "road", "repeat", "speed_up"],
    )


def machines(tables: Mapping[str, pd.DataFrame], counts: Sequence[int]) -> pd.DataFrame:
    """The speed-ups of so many machines by Amdahl's law, an extrapolation: ``units``, ``machines``, ``speed_up``."""
    return pd.DataFrame(
        [
            (units, count, value)
            for units in sorted(tables["shards"]["units"].unique())
            for count, value in zip(counts, amdahl(tables, units, counts), strict=True)
        ],
        columns=["units", "machines", "speed_up"],
    )


def growth(tables: Mapping[str, pd.DataFrame], processes: str) -> pd.DataFrame:
    """Memory of ``"worker"`` or ``"client"``: ``times``, ``words``, ``repeat``, ``process``, ``above``, ``peak``."""
    rows = tables["memory"]
    rows = rows[rows["process"].str.startswith(processes)]
    return rows.assign(above=rows["peak"] - rows["before"])[["times", "words", "repeat", "process", "above", "peak"]]


def ratios(tables: Mapping[str, pd.DataFrame], processes: str) -> np.ndarray:
    """Memory at 16 times the corpus by that at once, process by process and repeat by repeat."""
    wide = growth(tables, processes).pivot(index=["repeat", "process"], columns="times", values="peak")
    return (wide[wide.columns.max()] / wide[wide.columns.min()]).to_numpy()


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record, from its tables alone."""
    measured = per_word(tables)
    figures = {f"microseconds a word, {row.units} units": float(row.microseconds) for row in measured.itertuples()}
    for first, second in zip(measured.iloc[:-1].itertuples(), measured.iloc[1:].itertuples(), strict=True):
        power = np.log(second.microseconds / first.microseconds) / np.log(second.units / first.units)
        figures[f"exponent of units, {first.units} to {second.units}"] = float(power)
    figures["exponent of words"] = exponent_of_words(tables["passes"])
    for units in sorted(tables["workers"]["units"].unique()):
        rows = tables["workers"][tables["workers"]["units"] == units]
        figures |= {
            f"speed-up, two workers, {units} units": float(np.median(speed_up(tables, units))),
            f"efficiency, two workers, {units} units": float(np.median(speed_up(tables, units)) / 2),
            f"speed-up, two processes apart, {units} units": float(np.median(speed_up(tables, units, APART))),
            f"seconds to send the network, {units} units": float(rows.loc[rows["road"] == START, "seconds"].median()),
        }
    for units in sorted(tables["shards"]["units"].unique()):
        figures[f"machines a client keeps busy, {units} units"] = float(amdahl(tables, units, [1e12])[0] - 1)
    for times, rows in growth(tables, "worker").groupby("times"):
        figures[f"MB of a worker at {times}x, above the network"] = float(rows["above"].max())
        figures[f"MB of a worker at {times}x, in all"] = float(rows["peak"].max())
    for times, rows in growth(tables, "client").groupby("times"):
        figures[f"MB of the client at {times}x, above what it held"] = float(rows["above"].max())
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the design promises, each with a 95 % interval over repeats."""
    rows, rng = tables["passes"], np.random.default_rng(0)
    drawn = (rows.iloc[rng.integers(len(rows), size=len(rows))] for _ in range(REPLICATES))
    low, high = interval(np.array([exponent_of_words(some) for some in drawn]))
    text = "Seconds grow as the words do: their exponent is between 0.9 and 1.1"
    claims = [Claim(text, OURS, exponent_of_words(rows), (low, high), decided((low, high), 0.9, 1.1))]
    for units in sorted(tables["workers"]["units"].unique()):
        claims.append(_above(f"Two workers are faster than one process, {units} units", speed_up(tables, units), 1))
        text = f"Two workers have at least nine tenths of the speed of two processes that share nothing, {units} units"
        claims.append(_above(text, speed_up(tables, units, TWO, APART), LEAST_SHARE))
    for processes, said in (("worker", "A worker"), ("client", "The client")):
        values = ratios(tables, processes)
        low, high = _over_repeats(values)
        text = f"{said} needs at most 1.1 times the memory at 16 times the corpus"
        claims.append(Claim(text, OURS, float(values.mean()), (low, high), decided((low, high), below=MOST_GROWTH)))
    differ = float(tables["identical"]["differ"].sum())
    text = "The table of a cluster differs in no byte from that of one process"
    return [*claims, Claim(text, OURS, differ, (differ, differ), differ == 0)]


def _above(text: str, values: np.ndarray, bound: float) -> Claim:
    low, high = _over_repeats(values)
    return Claim(text, OURS, float(np.median(values)), (low, high), decided((low, high), above=bound))


def _over_repeats(values: np.ndarray) -> tuple[float, float]:
    """The interval of a median, by drawing repeats."""
    drawn = np.random.default_rng(0).integers(len(values), size=(REPLICATES, len(values)))
    return interval(np.median(values[drawn], axis=1))
