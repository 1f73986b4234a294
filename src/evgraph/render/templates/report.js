
"use strict";
(() => {
  const form = document.getElementById("filter");
  const [rule, words, count, none] = ["rule", "words", "count", "none"].map((id) => document.getElementById(id));
  const tables = (section) => [...section.querySelectorAll("table.findings")];
  const sections = [...document.querySelectorAll("section.rule")].map((element) => ({
    element,
    about: `${element.dataset.rule} ${[...element.querySelectorAll("dd")].map((one) => one.textContent).join(" ")}`.toLowerCase(),
    rows: tables(element).flatMap((table) => [...table.tBodies[0].rows]),
  }));
  const texts = new Map();
  const textOf = (row) => texts.get(row) ?? texts.set(row, row.textContent.toLowerCase()).get(row);
  const total = sections.reduce((sum, one) => sum + one.rows.length, 0);

  const filter = () => {
    const severities = new Set([...form.elements.severity].filter((box) => box.checked).map((box) => box.value));
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const { element, about, rows } of sections) {
      const { severity, rule: name } = element.dataset;
      const fits = severities.has(severity) && (!rule.value || rule.value === name);
      let here = 0;
      for (const row of rows) {
        row.hidden = !(fits && wanted.every((word) => about.includes(word) || textOf(row).includes(word)));
        here += row.hidden ? 0 : 1;
        const more = row.querySelector("details");
        if (more) more.open = wanted.some((word) => more.lastElementChild.textContent.toLowerCase().includes(word));
      }
      for (const table of tables(element)) table.hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
      element.hidden = here === 0;
      left += here;
    }
    none.hidden = left > 0;
    count.textContent = left === total ? `${total} shown` : `${left} of ${total} shown`;
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
})();
