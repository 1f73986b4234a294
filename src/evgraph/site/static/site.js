// What works better with a script; everything works without.
"use strict";
// Notes: hover and focus open them, too.
let leaving;
const noteOf = (element) => element instanceof Element && (element.closest("[popover]") || document.getElementById(element.closest("[popovertarget]")?.getAttribute("popovertarget")));
const open = (event) => {
  const note = noteOf(event.target);
  if (!note) return;
  clearTimeout(leaving);
  const button = document.querySelector(`[popovertarget="${note.id}"]`);
  if (!note.matches(":popover-open") && event.target.matches("[popovertarget]:hover, [popovertarget]:focus-visible")) note.showPopover({ source: button });
};
// What hovering has opened, a click keeps.
document.addEventListener("click", (event) => { if (event.target.matches?.("[popovertarget]:hover") && noteOf(event.target).matches(":popover-open")) event.preventDefault(); }, true);
const close = (event) => {
  const note = noteOf(event.target), next = noteOf(event.relatedTarget);
  if (!note || note === next || !note.matches(":popover-open")) return;
  clearTimeout(leaving);
  leaving = setTimeout(() => { if (!note.matches(":hover, :focus-within")) note.hidePopover(); }, 300);
};
document.addEventListener("mouseover", open);
document.addEventListener("focusin", open);
document.addEventListener("mouseout", close);
document.addEventListener("focusout", close);
// The words of a page come from the pages of its passages, once their place unfolds or a note on them opens.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("details.words[open]") && !(target.matches(":popover-open") && document.querySelector("[data-words]"))) return;
  for (const link of target.querySelectorAll("a[href*='passage/']")) {
    if (link.dataset.read || link.closest("details.words, [popover]") !== target) continue;
    link.dataset.read = "yes";
    fetch(link.href, { headers: { accept: "text/html" } }).then((answer) => answer.text()).then((html) => {
      const words = new DOMParser().parseFromString(html, "text/html").querySelector("main blockquote");
      if (words) (link.closest("p") || link).after(words);
    });
  }
}, true);
// The way back from where a link on this page led.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("main a[href^='#']:not(.back)");
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const from = link?.closest("li[id], article[id], section[id]");
  document.querySelector("a.back")?.remove();
  if (!target || !from || from === target) return;
  link.closest("[popover]")?.hidePopover();
  const back = document.createElement("a");
  back.className = "back";
  back.href = `#${from.id}`;
  back.textContent = "Back to where you were";
  target.append(back);
});
document.addEventListener("click", (event) => { if (event.target.matches?.("a.back")) event.target.remove(); });
// Fields to copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
}
// The address to copy is the one that was opened.
for (const origin of document.querySelectorAll("[data-origin]")) origin.textContent = location.origin;
// Print all that is folded.
addEventListener("beforeprint", () => { for (const folded of document.querySelectorAll("main details")) folded.open = true; });
