// Opened as a file, a page may not read its neighbours: search then lists titles without their summaries.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Paper has no clicks: open what is folded before printing, and fold it again after.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});

// Sections far below are laid out when the reader comes near, and what is folded when it is opened: only then it is
// known what scrolls in itself, and so must be reached by keys. The theme asks what is shown at first.
const SCROLLERS = "pre, .cell_output > .output, .jp-RenderedHTMLCommon, .pst-scrollable-table-container";
const reach = (shown) => {
  for (const e of shown.querySelectorAll(SCROLLERS))
    e.tabIndex = e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight ? 0 : -1;
};
document.addEventListener("contentvisibilityautostatechange", (event) => {
  if (!event.skipped) reach(event.target);
});
document.addEventListener("toggle", (event) => reach(event.target), true);

// The theme repeats a page's contents, for paper and at the side; a search result shall quote the text instead.
addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return; // only the search's own page has it
  const toText = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const e of page.querySelectorAll("#jb-print-docs-body, .bd-sidebar-secondary, main footer, annotation")) e.remove();
    return toText(page.documentElement.outerHTML, anchor);
  };
});
