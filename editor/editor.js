// The editor of the page for SPARQL: CodeMirror in place of the text area, and answers without leaving the page.
// The text area stays in the form and holds the query, so that sending the form works as without a script.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LONGEST_ADDRESS = 6000; // Characters: a longer query is sent in a form, and does not fit the address.

const area = document.getElementById("query");
const form = area.form;
const label = form.querySelector("label[for=query]");
const status = document.getElementById("status");
const stop = document.getElementById("stop");
const prefixes = JSON.parse(document.getElementById("prefixes").textContent);

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--R)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--G)" },
  { tag: [tags.variableName, tags.standard(tags.variableName)], color: "var(--K)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.number, tags.atom], color: "var(--S)" },
]);
const theme = EditorView.theme({
  "&": { border: "1px solid var(--quiet)", borderRadius: ".25rem", backgroundColor: "var(--paper)", color: "var(--ink)", fontSize: ".9rem" },
  "&.cm-focused": { outline: "3px solid var(--link)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace', lineHeight: "1.5", minHeight: "14rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--shade)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--lit)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--quiet)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--link)", color: "var(--paper)" },
});

// Names of the data: classes, properties and documents, asked for when the editor gets the focus first.
const NAMES = {
  class: "SELECT DISTINCT ?name (SAMPLE(?text) AS ?label) { ?thing a ?name OPTIONAL { ?name rdfs:label ?text } } GROUP BY ?name",
  property: "SELECT DISTINCT ?name (SAMPLE(?text) AS ?label) { ?thing ?name ?value OPTIONAL { ?name rdfs:label ?text } } GROUP BY ?name",
  constant: "SELECT ?name ?label { ?name a evg:Document ; rdfs:label ?label } LIMIT 2000",
};
let names;

function curie(iri) {
  const known = Object.entries(prefixes).filter(([, namespace]) => iri.startsWith(namespace));
  const [prefix, namespace] = known.sort((a, b) => b[1].length - a[1].length)[0] ?? [];
  const local = namespace && iri.slice(namespace.length);
  return local && /^\w[\w-]*$/.test(local) ? `${prefix}:${local}` : `<${iri}>`;
}

async function fetchNames([type, query]) {
  const answer = await fetch(`/sparql?${new URLSearchParams({ query, format: "json" })}`);
  const rows = answer.ok ? (await answer.json()).results.bindings : [];
  return rows.filter((row) => row.name?.type === "uri")
    .map((row) => ({ label: curie(row.name.value), detail: row.label?.value, type }));
}

function loadNames() {
  names ??= Promise.all(Object.entries(NAMES).map(fetchNames)).then((lists) => lists.flat(), () => []);
  return names;
}

async function complete(context) {
  const word = context.matchBefore(/[\w-]+:?[\w-]*/);
  if (!word || (word.text.length < 2 && !context.explicit)) return null;
  return { from: word.from, options: await loadNames(), validFor: /^[\w-]*:?[\w-]*$/ };
}

function run() {
  form.requestSubmit();
  return true;
}

// Chromium keeps the style of text that is typed over, in an inline style that the policy of the page refuses.
function typeOver(event, view) {
  const { from, to } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || view.composing || from === to) return false;
  event.preventDefault();
  const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type" });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
  return true;
}

// In a shadow root, the styles of CodeMirror are constructed sheets, which the policy of the page allows.
const host = document.createElement("div");
area.before(host);
area.hidden = true;
const root = host.attachShadow({ mode: "open" });
const editor = new EditorView({
  parent: root,
  root,
  state: EditorState.create({
    doc: area.value,
    extensions: [
      lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(),
      StreamLanguage.define(sparql), syntaxHighlighting(colours), theme, EditorView.lineWrapping,
      autocompletion({ override: [complete] }),
      keymap.of([
        { key: "Mod-Enter", run }, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap,
        ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"), ...historyKeymap, indentWithTab,
      ]),
      EditorView.contentAttributes.of({ "aria-label": "Query", spellcheck: "false" }),
      EditorView.domEventHandlers({ beforeinput: typeOver }),
      EditorView.updateListener.of((update) => { if (update.docChanged) area.value = update.state.doc.toString(); }),
      EditorView.focusChangeEffect.of((_, isFocused) => { if (isFocused) loadNames(); return null; }),
    ],
  }),
});
label.addEventListener("click", (event) => { if (event.target === label) editor.focus(); });
document.getElementById("keys").hidden = false;

function underline() {
  const fault = document.getElementById("fault");
  const number = Math.min(Number(fault?.dataset.line ?? 0), editor.state.doc.lines);
  let diagnostics = [];
  if (number) {
    const line = editor.state.doc.line(number);
    const from = Math.min(line.from + Number(fault.dataset.column) - 1, line.to);
    const length = /^\S*/.exec(line.text.slice(from - line.from))[0].length;
    const to = Math.max(from + length, Math.min(from + 1, line.to));
    diagnostics = [{ from: Math.min(from, to), to, severity: "error", message: fault.querySelector("p").textContent }];
  }
  editor.dispatch(setDiagnostics(editor.state, diagnostics));
}
underline();

// Answers come into the page; the address holds the query.
let running;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  running?.abort();
  const own = running = new AbortController();
  const query = new URLSearchParams({ query: area.value });
  const fits = String(query).length < LONGEST_ADDRESS;
  const start = performance.now();
  status.textContent = "Running …";
  stop.hidden = false;
  try {
    const request = { headers: { Accept: "text/html" }, signal: own.signal };
    const answer = await (fits
      ? fetch(`/sparql?${query}`, request)
      : fetch("/sparql", { ...request, method: "POST", body: query }));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("answer") ?? page.getElementById("content");
    const old = document.getElementById("answer");
    fresh.id = "answer";
    fresh.querySelector("h1")?.remove();
    old.replaceWith(document.importNode(fresh, true));
    if (fits) window.history.pushState(null, "", `/sparql?${query}`);
    const heading = document.querySelector("#answer h2")?.textContent ?? "No answer";
    status.textContent = `${heading}, ${Math.round(performance.now() - start)} ms`;
    underline();
  } catch (error) {
    if (own !== running) return;
    status.textContent = error.name === "AbortError" ? "Stopped." : `The server does not answer: ${error.message}`;
  }
  if (own === running) stop.hidden = true;
});
stop.addEventListener("click", () => running?.abort());
window.addEventListener("popstate", () => window.location.reload());
