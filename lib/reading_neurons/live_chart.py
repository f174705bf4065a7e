"""A chart in a notebook that can be exchanged for another, drawn by Vega brought along: no network, any front end.

Altair's own ``JupyterChart`` keeps listening for every chart it has ever shown, so that typing makes it slower and
slower; this widget forgets the chart before.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import anywidget
import traitlets
import vl_convert

from reading_neurons.display import EMBED_OPTIONS

_SCRIPT = """
function render({ model, el }) {
  let result = null;
  let drawing = false;
  let outdated = false;
  let width = 0;
  el.classList.add("rn-live");

  /* Of charts that arrive while one is being drawn, only the last is drawn. */
  async function draw() {
    outdated = true;
    if (drawing) return;
    drawing = true;
    while (outdated) {
      outdated = false;
      el.style.minHeight = `${el.offsetHeight}px`;  // the page must not jump
      if (result) result.finalize();
      result = null;
      try {
        result = await vegaEmbed(el, structuredClone(model.get("spec")), model.get("options"));
        el.dataset.drawn = String(Number(el.dataset.drawn || 0) + 1);
      } catch (error) {
        el.textContent = `This chart could not be drawn: ${error.message}`;
      }
      el.style.minHeight = "";
    }
    drawing = false;
  }

  /* A notebook lays a widget out after it is drawn, and Vega measures its container when the window is resized. */
  const observer = new ResizeObserver(() => {
    if (Math.abs(el.clientWidth - width) < 4) return;
    width = el.clientWidth;
    window.dispatchEvent(new Event("resize"));
  });
  observer.observe(el);
  model.on("change:spec", draw);
  draw();
  return () => {
    observer.disconnect();
    model.off("change:spec", draw);
    if (result) result.finalize();
  };
}
export default { render };
"""


class LiveChart(anywidget.AnyWidget):
    """A chart that follows the width of its place; setting :attr:`spec` exchanges it.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification with its data, as an Altair chart's ``to_dict()`` returns it.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = """
    .rn-live { width: 100%; overflow-x: auto; }
    .rn-live.vega-embed { display: block; padding-right: 0; }
    .rn-live svg { color: var(--jp-content-font-color1, currentColor); overflow: visible; }
    """
    spec = traitlets.Dict().tag(sync=True)
    options = traitlets.Dict(EMBED_OPTIONS).tag(sync=True)

    def __init__(self, spec: dict[str, Any]):
        super().__init__(spec=spec)

    @traitlets.default("_esm")
    def _bundled(self) -> str:
        return _bundle()


@cache
def _bundle() -> str:
    vega_lite = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return vl_convert.javascript_bundle(_SCRIPT, vl_version=vega_lite)
