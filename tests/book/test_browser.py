"""The pages in Chromium, opened as files: what a reader with no kernel and no network sees and can do."""

import json
from dataclasses import dataclass

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser

OPEN_SOLUTIONS = "document.querySelectorAll('.toggle-hidden .toggle-button').forEach(button => button.click())"
ALL_DRAWN = "return document.querySelectorAll('figure.rn-chart:not([data-drawn])').length === 0"
CHARTS = "figure.rn-chart"
PICKERS = ".rn-controls :is(select, input)"
TEXT_CONTRAST = 4.5  # of normal text, WCAG 2.1 AA
MARK_CONTRAST = 3.0  # of words over a heat colour, which carry their meaning by colour and number too

# For each text the worst contrast between its colour and what is painted behind it.
CONTRASTS = r"""
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => {
  v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
function ground(element) {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
  return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
}
const paint = (element) => {
  const style = getComputedStyle(element);
  const [r, g, b, a] = rgba(style.fill === "none" ? "transparent" : style.fill);
  return [r, g, b, a * style.fillOpacity * style.opacity];
};
"""
ARTICLE_CONTRASTS = CONTRASTS + r"""
const found = [];
for (const element of document.querySelectorAll("article.bd-article :is(h1,h2,h3,p,li,td,th,dt,dd,summary,label,figcaption,a)")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || element.closest("pre, .rn-view, .headerlink") || !element.checkVisibility()) continue;
  const under = ground(element);
  found.push([element.textContent.trim().slice(0, 40), contrast(over(rgba(getComputedStyle(element).color), under), under)]);
}
return found;
"""
CHART_CONTRASTS = CONTRASTS + r"""
const found = [];
const style = document.createElement("style");
style.textContent = "svg.marks * { pointer-events: all !important }";
document.head.append(style);
for (const text of document.querySelectorAll("figure.rn-chart svg.marks text")) {
  if (!text.textContent.trim() || !text.checkVisibility()) continue;
  text.scrollIntoView({block: "center", behavior: "instant"});
  const box = text.getBoundingClientRect();
  const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const behind = stack.slice(stack.indexOf(text) + 1).filter((e) => /^(path|rect|circle)$/.test(e.tagName));
  const under = behind.reverse().reduce((so_far, e) => over(paint(e), so_far), ground(text.closest("figure")));
  const painted = paint(text);
  if (painted[3] === 0) continue;
  const guide = text.closest("[class*=role-axis], [class*=role-legend], [class*=role-title]") !== null;
  found.push([text.textContent.slice(0, 40), contrast(over(painted, under), under), guide]);
}
style.remove();
return found;
"""
FITS = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
TOO_WIDE = r"""
const scrolls = (e) => e && e !== document.body && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
return [...document.querySelectorAll("article.bd-article *")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth && !scrolls(e.parentElement))
  .map((e) => `<${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.trim().slice(0, 40)}`).slice(0, 5);
"""


@dataclass(frozen=True)
class Visit:
    """A page that is open in the browser, and what it asked for and said while it loaded."""

    page: str
    requests: list
    console: list


@pytest.fixture(scope="module")
def visit(page, html, browser):
    resize(browser, 1280, 900)
    browser.get("about:blank")
    browser.get_log("performance"), browser.get_log("browser")
    browser.get((html / page).as_uri())
    becomes_true(browser, lambda: browser.execute_script(ALL_DRAWN), seconds=30)
    browser.execute_script(OPEN_SOLUTIONS)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return Visit(page, requests, browser.get_log("browser"))


def wait(browser, condition, seconds=30):
    return WebDriverWait(browser, seconds, poll_frequency=0.1).until(condition)


def becomes_true(browser, condition, seconds=5):
    try:
        return bool(wait(browser, lambda _: condition(), seconds))
    except TimeoutException:
        return False


def resize(browser, width, height):
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def use_theme(browser, theme):
    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    # The theme fades between its colours; the contrasts wanted are those at rest.
    browser.execute_script("document.getAnimations().forEach((animation) => animation.finish())")


def drawing(browser, figure):
    return browser.execute_script("return arguments[0].querySelector('svg.marks').outerHTML", figure)


def test_a_page_asks_no_other_host(visit, html):
    inside = html.as_uri() + "/"
    elsewhere = [url for url in visit.requests if not url.startswith((inside, "data:", "blob:", "chrome:", "about:"))]
    assert elsewhere == []


def test_a_page_has_nothing_to_complain_about(visit):
    assert [entry["message"] for entry in visit.console if entry["level"] in ("SEVERE", "WARNING")] == []


def test_every_chart_is_drawn_and_described(visit, browser):
    assert browser.execute_script(ALL_DRAWN)
    for figure in browser.find_elements(By.CSS_SELECTOR, CHARTS):
        size = figure.find_element(By.CSS_SELECTOR, "svg.marks").size
        assert size["width"] > 100 and size["height"] > 20
        marks = browser.execute_script(
            "return arguments[0].querySelectorAll('svg.marks .role-mark :is(path, text, line, circle, rect)').length", figure)
        assert marks > 0, "the chart has axes and nothing in them"
        spoken = figure.find_element(By.CSS_SELECTOR, "[role=graphics-document]").get_attribute("aria-label")
        assert spoken and len(spoken) > 20


def test_every_picker_has_a_name_and_answers_the_keyboard(visit, browser):
    for figure in browser.find_elements(By.CSS_SELECTOR, CHARTS):
        for picker in figure.find_elements(By.CSS_SELECTOR, PICKERS):
            name = picker.find_element(By.XPATH, "ancestor::*[@class='vega-bind']//*[@class='vega-bind-name']").text
            assert name.strip()
            before = drawing(browser, figure)
            browser.execute_script("arguments[0].focus()", picker)
            picker.send_keys(*keys_for(picker))
            changed = becomes_true(browser, lambda: drawing(browser, figure) != before)  # noqa: B023
            assert changed, f"the picker {name!r} changes nothing"
            if keys_for(picker) == "x":  # what was typed leaves nothing to draw, nor to list
                picker.send_keys(Keys.BACKSPACE)


def keys_for(picker):
    """The keys that give a control another value."""
    if picker.tag_name == "select":
        last = len(picker.find_elements(By.TAG_NAME, "option")) - 1
        return Keys.ARROW_UP if picker.get_property("selectedIndex") == last else Keys.ARROW_DOWN
    kind = picker.get_attribute("type")
    if kind == "range":
        top = picker.get_property("value") == picker.get_attribute("max")
        return Keys.ARROW_LEFT * 5 if top else Keys.ARROW_RIGHT * 5
    return {"checkbox": Keys.SPACE, "radio": Keys.ARROW_DOWN}.get(kind, "x")


def test_the_data_of_a_chart_is_one_click_away(visit, browser):
    for figure in browser.find_elements(By.CSS_SELECTOR, CHARTS):
        table = figure.find_element(By.CSS_SELECTOR, ".rn-data")
        browser.execute_script("arguments[0].querySelector('summary').click()", table)
        assert becomes_true(browser, lambda: table.find_elements(By.CSS_SELECTOR, "tbody tr"))  # noqa: B023
        browser.execute_script("arguments[0].open = false", table)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, browser, theme):
    use_theme(browser, theme)
    faint = [text for text, contrast in browser.execute_script(ARTICLE_CONTRASTS) if contrast < TEXT_CONTRAST]
    assert faint == []
    for text, contrast, guide in browser.execute_script(CHART_CONTRASTS):
        assert contrast >= (TEXT_CONTRAST if guide else MARK_CONTRAST), f"{text!r} is too faint in {theme} mode"


def test_a_phone_shows_the_page_without_scrolling_sideways(visit, browser):
    resize(browser, 400, 800)
    try:
        fits = becomes_true(browser, lambda: browser.execute_script(FITS))
        assert fits, browser.execute_script(TOO_WIDE)
        for picker in browser.find_elements(By.CSS_SELECTOR, PICKERS):
            assert picker.rect["x"] >= 0 and picker.rect["x"] + picker.rect["width"] <= 400
    finally:
        resize(browser, 1280, 900)


def test_the_button_switches_to_the_dark_and_there_is_one_search_box(browser, html):
    browser.get((html / "index.html").as_uri())
    button = next(b for b in browser.find_elements(By.CSS_SELECTOR, ".theme-switch-button") if b.is_displayed())
    seen = set()
    for _ in range(3):
        button.click()
        seen.add(browser.execute_script("return document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}
    boxes = browser.find_elements(By.CSS_SELECTOR, ".search-button-field, .search-button")
    assert sum(box.is_displayed() for box in boxes) == 1


def test_search_works_without_a_server(browser, html):
    browser.get((html / "search.html").as_uri() + "?q=neurons")
    assert wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, "#search-results li"))
