// Search in the browser, for a site without a server: the words of the address or of the field, in an index of the site.
import MiniSearch from "minisearch";

const form = document.querySelector("form[data-index]");
const field = form?.querySelector("input"), list = document.getElementById("hits"), count = document.getElementById("count");
const fold = (word) => word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const MOST = 50;

async function start() {
  const prefix = form.dataset.index.replace(/search-index\.json$/, "");
  const answer = await fetch(form.dataset.index);
  if (!answer.ok) throw new Error(answer.statusText);
  const index = new MiniSearch({
    fields: ["title", "words", "cells", "kind", "year"], storeFields: ["title", "kind", "year"], processTerm: fold,
    searchOptions: { boost: { title: 3 }, prefix: (word) => word.length > 2, fuzzy: (word) => word.length > 4 ? 0.2 : false, combineWith: "AND" },
  });
  index.addAll(await answer.json());
  const show = () => {
    const hits = field.value.trim() ? index.search(field.value) : [];
    list.replaceChildren(...hits.slice(0, MOST).map((hit) => {
      const item = document.createElement("li"), link = document.createElement("a"), note = document.createElement("span");
      link.href = prefix + hit.id.slice(1);
      link.textContent = hit.title;
      note.className = "quiet";
      note.textContent = [hit.kind, hit.year].filter(Boolean).join(", ");
      item.append(link, " ", note);
      return item;
    }));
    const number = hits.length > MOST ? `${MOST} of ${hits.length} hits` : hits.length === 1 ? "1 hit" : `${hits.length} hits`;
    count.textContent = field.value.trim() ? number : "";
  };
  form.hidden = false;
  field.value = new URLSearchParams(location.search).get("text") ?? "";
  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  show();
}

if (form) start().catch(() => { count.textContent = "The index of the search cannot be read. The list by letter has everything, too."; });
