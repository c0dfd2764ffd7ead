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
