// How the search sorts what it found: chapters before the glossary, that before the reference, whose modules have the
// names of the methods and would fill the page. A result is [page, title, anchor, description, score, file].
var Scorer = {
  score: ([page, title, anchor, description, score]) => {
    const wanted = (new URLSearchParams(window.location.search).get("q") || "").trim().toLowerCase();
    const named = title.toLowerCase();
    const whole = !anchor;
    const chapter = whole && !page.startsWith("api/") ? 40 : 0;
    const glossary = anchor && anchor.startsWith("#term-") ? 30 : 0;
    const begins = whole && wanted && named.startsWith(wanted) ? 120 : 0;
    const holds = whole && wanted && named.includes(wanted) ? 20 : 0;
    const name = /[._]/.test(wanted) && named.endsWith(`.${wanted}`) ? 120 : 0;
    return score + chapter + glossary + begins + holds + name;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
