/* Draws the charts of a page: <figure class="rn-chart"> holds the specification that display.chart_html wrote. */
(function () {
  "use strict";

  const ROWS_SHOWN = 200;
  const NARROWEST_VIEW = 80;
  const OPTIONS = {
    mode: "vega-lite",
    renderer: "svg",
    actions: { export: true, source: false, compiled: false, editor: false },
    i18n: { CLICK_TO_VIEW_ACTIONS: "Save this chart" },
    tooltip: { theme: "custom" },
    downloadFileName: "reading-neurons",
  };

  const isObject = (value) => value !== null && typeof value === "object";

  /* Every width of a view, in pixels or per step, times a factor: how a chart of several views fits a phone. */
  function narrowed(spec, factor) {
    if (Array.isArray(spec)) return spec.map((part) => narrowed(part, factor));
    if (!isObject(spec)) return spec;
    const copy = {};
    for (const [key, value] of Object.entries(spec)) {
      if (key === "width" && typeof value === "number") copy[key] = Math.max(NARROWEST_VIEW, value * factor);
      else if (key === "width" && isObject(value) && value.step) copy[key] = { ...value, step: value.step * factor };
      else if (["layer", "spec", "vconcat", "hconcat", "concat"].includes(key)) copy[key] = narrowed(value, factor);
      else copy[key] = value;
    }
    return copy;
  }

  const boundSignals = (result) => (result.vgSpec.signals || []).filter((signal) => signal.bind).map((s) => s.name);

  async function embed(figure, spec, picks) {
    const place = figure.querySelector(".rn-view");
    const controls = figure.querySelector(".rn-controls");
    controls.replaceChildren();
    const result = await window.vegaEmbed(place, spec, { ...OPTIONS, bind: controls });
    for (const [name, value] of Object.entries(picks)) result.view.signal(name, value);
    await result.view.runAsync();
    return result;
  }

  /* Draw, and where the drawing is wider than its column draw again with narrower views. Axes and legends keep
     their size, so the width grows linearly with the views' and two drawings tell the third. */
  async function draw(figure, spec, picks) {
    const place = figure.querySelector(".rn-view");
    const room = place.clientWidth - 1;
    const width = () => place.querySelector("svg.marks").getBoundingClientRect().width;
    let result = await embed(figure, spec, picks);
    let now = { factor: 1, width: width() };
    let before = { factor: 0, width: 0 };
    for (let attempt = 0; attempt < 3 && now.width > room && room > 0 && spec.width !== "container"; attempt += 1) {
      const perFactor = (now.width - before.width) / (now.factor - before.factor);
      const factor = now.factor - (now.width - room) / perFactor;
      if (!(factor > 0)) break;
      before = now;
      result.finalize();
      result = await embed(figure, narrowed(spec, factor), picks);
      now = { factor, width: width() };
    }
    return result;
  }

  /* Vega adds NAME_start and NAME_end beside a stacked NAME, and the place of a sorted one. */
  const isStacking = (name, datum) =>
    /_sort_index$/.test(name) || /_(start|end)$/.test(name) && name.replace(/_(start|end)$/, "") in datum;

  function rowOf(datum) {
    return Object.entries(datum).filter(([name, value]) =>
      !name.startsWith("_") && !isStacking(name, datum) && (!isObject(value) || value instanceof Date));
  }

  /* The rows behind the marks as they are drawn now, one list for each set of columns. */
  function drawnTables(view) {
    const seen = new Set();
    const tables = new Map();
    const visit = (mark) => {
      for (const item of mark.items || []) {
        if (mark.marktype === "group") (item.items || []).forEach(visit);
        else if (mark.role === "mark" && isObject(item.datum)) {
          const row = rowOf(item.datum);
          const text = JSON.stringify(row);
          if (!row.length || seen.has(text)) continue;
          seen.add(text);
          const columns = row.map(([name]) => name).join("\u0000");
          if (!tables.has(columns)) tables.set(columns, []);
          tables.get(columns).push(Object.fromEntries(row));
        }
      }
    };
    visit(view.scenegraph().root);
    return [...tables.values()];
  }

  function cellText(value) {
    if (value instanceof Date) return value.toLocaleDateString();
    if (typeof value === "number") return String(Number(value.toPrecision(4)));
    return value === null || value === undefined ? "" : String(value);
  }

  function tableElement(rows) {
    const table = document.createElement("table");
    table.className = "table";
    const columns = Object.keys(rows[0]);
    const head = table.createTHead().insertRow();
    for (const name of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows.slice(0, ROWS_SHOWN)) {
      const line = body.insertRow();
      for (const name of columns) line.insertCell().textContent = cellText(row[name]);
    }
    if (rows.length > ROWS_SHOWN) {
      table.createCaption().textContent = `The first ${ROWS_SHOWN} of ${rows.length} rows.`;
    }
    return table;
  }

  function addTable(figure, current) {
    const details = document.createElement("details");
    details.className = "rn-data";
    details.innerHTML = '<summary>Data as a table</summary><div tabindex="0" role="region" aria-label="Data of the chart"></div>';
    const fill = () => {
      if (details.open) details.lastChild.replaceChildren(...drawnTables(current().view).map(tableElement));
    };
    details.addEventListener("toggle", fill);
    figure.append(details);
    return fill;
  }

  async function start(figure) {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const place = figure.querySelector(".rn-view");
    let result = null;
    let drawnAt = 0;
    let busy = false;
    const fillTable = addTable(figure, () => result);

    const redraw = async () => {
      busy = true;
      const picks = {};
      if (result) {
        boundSignals(result).forEach((name) => { picks[name] = result.view.signal(name); });
        result.finalize();
      }
      drawnAt = place.clientWidth;
      result = await draw(figure, spec, picks);
      for (const name of boundSignals(result)) {
        result.view.addSignalListener(name, () => result.view.runAfter(fillTable));
      }
      fillTable();
      busy = false;
    };

    /* A page changes its column without resizing the window: a sidebar, a dropdown that opens. */
    new ResizeObserver(() => {
      if (busy || Math.abs(place.clientWidth - drawnAt) < 8) return;
      if (spec.width === "container") {
        drawnAt = place.clientWidth;
        window.dispatchEvent(new Event("resize"));
      } else redraw();
    }).observe(place);
    await redraw();
    figure.dataset.drawn = "true";
  }

  const startAll = () => document.querySelectorAll("figure.rn-chart").forEach((figure) => {
    start(figure).catch((error) => {
      figure.querySelector(".rn-view").textContent = `This chart could not be drawn: ${error.message}`;
      console.error(error);
    });
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
  else startAll();
})();
