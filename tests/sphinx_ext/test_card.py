"""The picture beside a link to the book."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from PIL import Image

from reading_neurons.sphinx_ext.card import CAPTION, HEIGHT, NAMES, WIDTH, card

ROOT = Path(__file__).parents[2]


def scores():
    words = CAPTION.split()
    one = pd.DataFrame({"word": words, "position": range(len(words)), "score": [0.1, 0.2, 0.4, 0.1, 0.3, 0.2, 0.8]})
    return pd.concat([one.assign(pathway=name) for name in NAMES])


def test_the_words_follow_each_other_inside_the_picture_and_the_strongest_is_the_darkest():
    placed = card(scores()).layer[0].data
    for _, line in placed.groupby("pathway"):
        assert (line["left"].iloc[1:].to_numpy() > line["right"].iloc[:-1].to_numpy()).all()
        assert 0 < line["left"].min() and line["right"].max() < WIDTH and line["bottom"].max() < HEIGHT
        assert line.loc[line["heat"].idxmax(), "word"] == "cats"


def test_a_table_without_pathways_is_an_error():
    with pytest.raises(ValueError, match="pathway"):
        card(scores().drop(columns="pathway"))


def test_the_picture_that_is_kept_has_the_size_that_previews_ask_for():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    path = ROOT / "book" / config["reading_neurons_preview"]["image"]
    assert Image.open(path).size == (WIDTH, HEIGHT) and path.stat().st_size < 150_000
