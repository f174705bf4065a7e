"""The picture beside a link to the published book: a caption, and what two networks make of its words.

``python -m reading_neurons.sphinx_ext.card book/images/preview.png`` reads a caption of the generated world with the
networks of the omission chapter and draws it. The picture is kept with the source, since a build needs it once.

Easy to get wrong: a preview is often shown no wider than a telephone, so there are few words and they are large.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert
from PIL import Image

from reading_neurons import models
from reading_neurons.charts import style
from reading_neurons.methods import omission

WIDTH, HEIGHT = 1200, 630  # pixels that the sites which show previews ask for
CAPTION = "a small dog is chasing two cats"
QUESTION = "What do the neurons of a language network respond to?"
NAMES = {"visual": "pictures the scene", "textual": "guesses the next word"}
_MARGIN, _LETTER, _SPACE, _SIZE = 60, 27, 36, 48
_TOPS = {"visual": 285, "textual": 475}


def card(table: pd.DataFrame) -> alt.LayerChart:
    """The caption once for each pathway, each word the darker the higher its omission score.

    Parameters
    ----------
    table : DataFrame
        Omission scores of one sentence by the pathways ``visual`` and ``textual``: ``pathway``, ``word``, ``position``,
        ``score``.

    Returns
    -------
    altair.LayerChart
        Of 1200 x 630 pixels.
    """
    style.require(table, "pathway", "word", "position", "score")
    placed = pd.concat([_placed(rows.sort_values("position")) for _, rows in table.groupby("pathway")])
    across = {"scale": alt.Scale(domain=[0, WIDTH]), "axis": None}
    down = {"scale": alt.Scale(domain=[HEIGHT, 0]), "axis": None}
    x, y = alt.X("left:Q", **across), alt.Y("top:Q", **down)
    looks = style.looks(NAMES)
    colour = alt.Color("pathway:N", legend=None,
                       scale=alt.Scale(domain=list(NAMES), range=[looks[name].colour for name in NAMES]))
    base = alt.Chart(placed)
    heat = base.mark_rect(cornerRadius=8).encode(
        x, y, colour, x2="right:Q", y2="bottom:Q", opacity=alt.Opacity("heat:Q", scale=None, legend=None)
    )
    words = base.mark_text(fontSize=_SIZE, align="center", baseline="middle").encode(
        alt.X("middle:Q", **across), alt.Y("centre:Q", **down), text="word:N"
    )
    lines = [("Reading Neurons", 105, 74, "bold"), (QUESTION, 175, 36, "normal")]
    lines += [(f"This one {NAMES[name]}:", top - 36, 30, "normal") for name, top in _TOPS.items()]
    texts = [
        alt.Chart(pd.DataFrame({"text": [text], "top": [top], "left": [_MARGIN]}))
        .mark_text(align="left", baseline="middle", fontSize=size, fontWeight=weight)
        .encode(x, y, text="text:N")
        for text, top, size, weight in lines
    ]
    drawn = alt.layer(heat, words, *texts, width=WIDTH, height=HEIGHT, padding=0, background="white",
                      description="A caption as two networks read it.")
    return drawn.configure(font="DejaVu Sans").configure_view(stroke=None)


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    """Words one after the other on a line of their own pathway, the strongest in full colour."""
    widths = rows["word"].str.len() * _LETTER + _SPACE
    top = _TOPS[rows["pathway"].iloc[0]]
    left = _MARGIN - _SPACE / 2 + widths.cumsum() - widths
    return rows.assign(
        left=left, right=left + widths - 4, middle=left + widths / 2 - 2, top=top, bottom=top + 84, centre=top + 43,
        heat=style.HEAT * rows["score"] / rows["score"].max(),
    )


def main(path: Path) -> None:
    """Draw the card of :data:`CAPTION` and write it as PNG."""
    pathways = models.trained("imaginet", "scenes").pathways
    scores = pd.concat([omission.scores(pathways[name], [CAPTION]).assign(pathway=name) for name in NAMES])
    drawn = Image.open(BytesIO(vl_convert.vegalite_to_png(card(scores).to_json(), ppi=72)))
    drawn.convert("RGB").quantize(64).save(path, optimize=True)  # a tenth of the size, and looks the same


if __name__ == "__main__":
    main(Path(sys.argv[1]))
