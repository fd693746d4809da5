"use strict";
// Adds filters, a search and sorting to the table of statements. Without it the table is complete and has no controls.
(() => {
  const table = document.querySelector("table.ledger");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const filters = [];
  let order = "";

  const made = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const labelled = (id, words, control) => {
    control.id = id;
    return made("div", {}, made("label", { htmlFor: id, textContent: words }), control);
  };

  const status = made("p", {});
  status.setAttribute("role", "status");

  const show = () => {
    rows.forEach((row) => {
      row.hidden = !filters.every((lets) => lets(row));
    });
    const shown = rows.filter((row) => !row.hidden).length;
    const words = `${shown} of ${rows.length} statements shown${order}.`;
    // Said aloud by screen readers, so only when it is news.
    if (status.textContent !== words) status.textContent = words;
  };

  // The options in the order in which the column sorts.
  const choices = (name, column) => {
    const keys = new Map(rows.map((row) => [row.dataset[name], row.cells[column].dataset.sort]));
    return [...keys].sort((one, other) => compared(one[1], other[1])).map(([words]) => words);
  };

  const selection = (name, words, column) => {
    const select = made("select", {}, made("option", { value: "", textContent: "all" }));
    choices(name, column).forEach((choice) => select.append(made("option", { value: choice, textContent: choice })));
    select.addEventListener("change", show);
    filters.push((row) => !select.value || row.dataset[name] === select.value);
    return labelled(`filter-${name}`, words, select);
  };

  const search = () => {
    const input = made("input", { type: "search", autocomplete: "off" });
    input.addEventListener("input", show);
    filters.push((row) => input.value.toLowerCase().split(/\s+/).every((word) => texts.get(row).includes(word)));
    return labelled("filter-text", "Words in any column", input);
  };

  // Numbers by size, words by the alphabet.
  const compared = (one, other) =>
    isNaN(one) || isNaN(other) ? one.localeCompare(other, "en", { numeric: true }) : one - other;

  const sort = (column, direction) => {
    const key = (row) => row.cells[column].dataset.sort;
    // What has no key, such as the robustness of an untested statement, stands last in both directions.
    const [keyed, keyless] = [rows.filter(key), rows.filter((row) => !key(row))];
    const sign = direction === "ascending" ? 1 : -1;
    keyed.sort((one, other) => sign * compared(key(one), key(other)));
    body.append(...keyed, ...keyless);
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", direction);
    order = `, sorted by “${headings[column].textContent}”, ${direction}`;
    show();
  };

  headings.forEach((heading, column) => {
    const button = made("button", { type: "button", textContent: heading.textContent });
    button.addEventListener("click", () => {
      sort(column, heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
    });
    heading.replaceChildren(button);
  });
  table.classList.add("sortable");

  const reset = made("button", { type: "button", textContent: "Show all" });
  const controls = made(
    "div",
    { className: "filters" },
    selection("verdict", "Verdict", 2),
    selection("evidence", "Decided by", 3),
    search(),
    reset,
  );
  controls.setAttribute("role", "search");
  controls.setAttribute("aria-label", "Filter the statements");
  reset.addEventListener("click", () => {
    controls.querySelectorAll("select, input").forEach((control) => {
      control.value = "";
    });
    show();
  });
  table.before(controls, status);
  show();
})();
