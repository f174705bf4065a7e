"""Figures and claims about what neurons want, from the tables of a record alone (Poerner et al. 2018, section 3.3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.function_words import by_place, difference, function_words
from reading_neurons.verdicts import decided

LENGTH = 5


def function_shares(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The share of function words in every n-gram.

    Returns
    -------
    DataFrame
        One row per row of ``ngrams``: ``network``, ``pathway``, ``method``, ``neuron``, ``share`` (of all words),
        ``last`` (1 if the last word is one), ``earlier`` (the share of the words before it), ``class`` (of the neuron's
        own word, textual alone), and ``place0`` to ``place4``.
    """
    rows = tables["ngrams"]
    classes = dict(tables["words"][["word", "class"]].values.tolist())
    function = function_words(classes)
    places = by_place(rows["words"].tolist(), function, LENGTH).astype(float)
    lengths = rows["words"].str.split().str.len().to_numpy()
    missing = np.arange(LENGTH) < (LENGTH - lengths)[:, None]
    places = np.where(missing, np.nan, places)
    shares = rows[["network", "pathway", "method", "neuron", "why"]].assign(
        share=np.nanmean(places, axis=1),
        last=places[:, -1],
        earlier=[np.nanmean(one) if np.isfinite(one).any() else np.nan for one in places[:, :-1]],
    )
    shares["class"] = [classes.get(neuron, "") for neuron in rows["neuron"]]
    return shares.assign(**{f"place{place}": places[:, place] for place in range(LENGTH)})


def function_places(tables: Mapping[str, pd.DataFrame], replicates: int = 1000) -> pd.DataFrame:
    """The share of function words at each place, with an interval over neurons.

    Returns
    -------
    DataFrame
        One row per network, pathway, method and place: ``network``, ``pathway``, ``method``, ``place`` (1 to 5),
        ``share``, ``low``, ``high`` (95 %), ``neurons``.
    """
    rows = []
    for (network, pathway, method), part in function_shares(tables).groupby(
        ["network", "pathway", "method"], sort=False
    ):
        for place in range(LENGTH):
            values = part[f"place{place}"].dropna().to_numpy()
            found = difference(np.zeros(len(values)), values, replicates=replicates)
            rows.append(
                (network, pathway, method, place + 1, found["difference"], found["low"], found["high"], len(values))
            )
    return pd.DataFrame(rows, columns=["network", "pathway", "method", "place", "share", "low", "high", "neurons"])


def function_costs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What function words and other words add in the best n-grams of the corpus, as shares of the activation.

    Returns
    -------
    DataFrame
        One row per network, pathway and kind of word: the mean over all words of ``drop / activation``, and their
        ``count``.
    """
    function = function_words(dict(tables["words"][["word", "class"]].values.tolist()))
    rows = [
        (
            row.network,
            row.pathway,
            "function" if word in function else "other",
            getattr(row, f"drop{place}") / row.activation,
        )
        for row in tables["ngrams"].query("method == 'corpus' and activation > 0").itertuples()
        for place, word in enumerate(row.words.split())
    ]
    long = pd.DataFrame(rows, columns=["network", "pathway", "kind", "cost"])
    return long.groupby(["network", "pathway", "kind"], sort=False)["cost"].agg(mean="mean", count="size").reset_index()


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Means of activations, of function words and of concepts, by network, pathway and method."""
    figures: dict[str, float] = {}
    means = tables["ngrams"].groupby(["network", "pathway", "method"], sort=False)["activation"].mean()
    figures |= {f"mean activation: {' '.join(key)}": float(value) for key, value in means.items()}
    shares = function_shares(tables).groupby(["network", "pathway", "method"], sort=False)
    for name, said in (
        ("share", "function words"),
        ("last", "function word last"),
        ("earlier", "function words earlier"),
    ):
        figures |= {f"{said}: {' '.join(key)}": float(value) for key, value in shares[name].mean().items()}
    for row in function_costs(tables).itertuples():
        figures[f"lost without a {row.kind} word: {row.network} {row.pathway} corpus"] = float(row.mean)
    for (network, method), part in tables["next"].groupby(["network", "method"], sort=False):
        figures[f"last and predicted word are neighbours: {network} {method}"] = float(part["known"].mean())
        figures[f"the same by chance: {network} {method}"] = float(part["others"].mean())
    for row in tables["captions"].to_dict(orient="records"):
        figures[f"function word before {row['class']}: captions"] = row["share"]
    figures["function words: vocabulary"] = float(
        tables["vocabulary"]["function"][0] / tables["vocabulary"]["words"][0]
    )
    for (network, pathway, kind), part in tables["found"].groupby(["network", "pathway", "kind"], sort=False):
        figures[f"several concepts: {network} {pathway} {kind}"] = float((part["concepts"] > 1).mean())
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's claims of section 3.3 and the direction of its table 1, each with a 95 % interval over neurons."""
    return [*_reached(tables), *_function(tables), *_grammar(tables), *_several(tables)]


def _paired(shares: pd.DataFrame, column: str, pathway: str, network: str = "trained") -> pd.DataFrame:
    part = shares.query("pathway == @pathway and network == @network")
    return part.pivot(index="neuron", columns="method", values=column).dropna()


def _reached(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    claims = []
    for pathway in ("visual", "textual"):
        both = _paired(tables["ngrams"], "activation", pathway)
        won = int((both["optimal"] > both["corpus"]).sum())
        interval = _share(won, len(both))
        text = f"{pathway} neurons for which the written n-gram reaches more than the best of the corpus"
        paper = "3 of 3 in table 1" if pathway == "visual" else "4 of 4 in table 1"
        claims.append(Claim(text, paper, won / len(both), interval, decided(interval, above=0.5)))
    return claims


def _share(count: int, among: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    found = stats.binomtest(count, among).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def _claim(text: str, paper: str, found: Mapping[str, float]) -> Claim:
    interval = found["low"], found["high"]
    return Claim(text, paper, found["difference"], interval, decided(interval, above=0))


def _function(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    shares = function_shares(tables)
    visual, textual = (_paired(shares, "share", pathway) for pathway in ("visual", "textual"))
    untrained = _paired(shares, "share", "visual", "untrained")
    chance = float(tables["vocabulary"]["function"][0] / tables["vocabulary"]["words"][0])
    claims = [
        _claim(
            "optimal visual inputs hold fewer function words than corpus search suggests (by this share of all words)",
            "rarely contain",
            difference(visual["optimal"], visual["corpus"]),
        ),
        _claim(
            "optimal visual inputs hold fewer function words than words drawn at random from the vocabulary",
            "rarely contain",
            difference(visual["optimal"], np.full(len(visual), chance)),
        ),
        _between(
            "optimal visual inputs hold fewer function words than textual ones",
            "rarely and sometimes",
            visual["optimal"],
            textual["optimal"],
        ),
        _between(
            "optimal visual inputs hold fewer function words than those of the untrained network",
            "no control",
            visual["optimal"],
            untrained["optimal"],
        ),
    ]
    places = (
        shares.query("pathway == 'textual' and method == 'optimal'")
        .set_index(["network", "neuron"])[["last", "earlier"]]
        .dropna()
    )
    trained, control = (places.loc[network] for network in ("trained", "untrained"))
    claims.append(
        _claim(
            "in optimal textual inputs a function word stands more often right before the predicted word than elsewhere",
            "directly before",
            difference(trained["earlier"], trained["last"]),
        )
    )
    gained = [(part["last"] - part["earlier"]).to_numpy() for part in (control, trained)]
    claims.append(_between("this is more so than in the untrained network", "no control", *gained))
    return claims


def _between(text: str, paper: str, first, second, replicates: int = 10_000, seed: int = 0) -> Claim:
    """The mean of other neurons, the second less the first."""
    rng = np.random.default_rng(seed)
    drawn = [
        rng.multinomial(len(values), np.full(len(values), 1 / len(values)), replicates)
        @ np.asarray(values)
        / len(values)
        for values in (first, second)
    ]
    low, high = map(float, np.percentile(drawn[1] - drawn[0], [2.5, 97.5]))
    return Claim(text, paper, float(np.mean(second) - np.mean(first)), (low, high), decided((low, high), above=0))


def _grammar(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    following = tables["next"].query("method == 'optimal'")
    trained, control = (following[following["network"] == network] for network in ("trained", "untrained"))
    text = "the last word of an optimal textual input and the word it predicts are neighbours in the captions, above chance"
    claims = [
        _claim(text, "grammatically correct", difference(trained["others"], trained["known"])),
        _between(
            f"{text}, and more so than in the untrained network",
            "no control",
            control["known"] - control["others"],
            trained["known"] - trained["others"],
        ),
    ]
    shares = function_shares(tables).query("pathway == 'textual' and method == 'optimal' and network == 'trained'")
    nouns = shares[shares["class"] == "noun"]["last"]
    captions = tables["captions"].set_index("class")["share"]["noun"]
    text = "a function word stands before a predicted noun more often than before a noun of the captions"
    return [*claims, _claim(text, "no figure", difference(np.full(len(nouns), captions), nouns))]


def _several(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    found = tables["found"].assign(several=tables["found"]["concepts"] > 1)
    claims = []
    for pathway in ("textual", "visual"):
        part = found[(found["pathway"] == pathway) & (found["kind"] == "one")]
        trained, control = (
            part[part["network"] == network]["several"].astype(float) for network in ("trained", "untrained")
        )
        text = f"{pathway} neurons answer to several concepts more often than those of the untrained network"
        claims.append(_between(text, "may", control, trained))
    pairs = found[found["kind"] == "pair"]["several"]
    interval = _share(int(pairs.sum()), len(pairs))
    text = "of the mean of two categories both concepts are found"
    claims.append(Claim(text, "known", float(pairs.mean()), interval, decided(interval, above=0.5)))
    several = set(
        map(tuple, found.query("several and network == 'trained' and kind == 'one'")[["pathway", "neuron"]].values)
    )
    rows = tables["concepts"].query("network == 'trained' and kind == 'one'")
    rows = rows[[key in several for key in zip(rows["pathway"], rows["neuron"], strict=True)]]
    missed = rows.groupby(["pathway", "neuron"])["in_corpus"].apply(
        lambda known: float(known.astype(float).sum() < len(known))
    )
    text = "of a neuron with several concepts the best n-gram of the corpus leaves at least one out"
    if not len(missed):
        return [*claims, Claim(text, "horse racing alone", float("nan"), (float("nan"), float("nan")), None)]
    interval = _share(int(missed.sum()), len(missed))
    return [*claims, Claim(text, "horse racing alone", float(missed.mean()), interval, decided(interval, above=0.5))]
