"use strict";
// Adds filters, a search and sorting to the listing of a page. Without it the table is complete and has no controls.
// The table says what can be done with it:
//   table  data-noun: what its rows are; data-filters: name, label and options of each filter (JSON)
//   th     data-name: what the column is called in the address; data-sort-as="number": sorted by size
//   tr     data-values: for each filter the places of the row's values among the options (JSON)
//   cell   data-sort: what it is sorted by instead of its text; "" stands last in both directions
// What is chosen stands in the fragment of the address, so that a view can be bookmarked and sent.
(() => {
  const table = document.querySelector("table.listing");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  const titles = headings.map((heading) => heading.textContent);
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const WORDS = "words";
  const SORT = "sort";
  const ORDER = "order";

  // Letters without case and accents.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => plain([...row.cells].map((cell) => cell.textContent).join("\n")));
  const values = rows.map((row) => JSON.parse(row.dataset.values));

  const made = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // The name in the address -> the control and its label.
  const controls = new Map();
  const labelled = (name, words, control) => {
    control.id = `filter-${name}`;
    controls.set(name, { control, words });
    return made("div", {}, made("label", { htmlFor: control.id, textContent: words }), control);
  };

  const selection = ({ name, label, options }, filter) => {
    const counts = options.map(() => 0);
    values.forEach((places) => places[filter].forEach((place) => (counts[place] += 1)));
    const choices = options.map((value, place) =>
      made("option", { value, textContent: `${value} (${counts[place]})` }),
    );
    return labelled(
      name,
      label,
      made("select", { autocomplete: "off" }, made("option", { value: "", textContent: "all" }), ...choices),
    );
  };

  const search = labelled(WORDS, "Words in any column", made("input", { type: "search", autocomplete: "off" }));
  const filters = JSON.parse(table.dataset.filters);
  const clear = made("button", { type: "button", textContent: "Clear filters" });
  const panel = made("div", { className: "filters" }, search, ...filters.map(selection), made("div", {}, clear));
  panel.setAttribute("role", "search");
  panel.setAttribute("aria-label", `Filter the ${table.dataset.noun}`);
  const status = made("p", {});
  status.setAttribute("role", "status");
  // A page that is printed says what was left out.
  const chosen = made("p", { className: "chosen" });

  let sorted = { column: -1, direction: "ascending" };
  let ignored = 0;

  const show = () => {
    const wanted = filters.map(({ name, options }) => options.indexOf(controls.get(name).control.value));
    const words = plain(controls.get(WORDS).control.value).split(/\s+/);
    let shown = 0;
    rows.forEach((row, number) => {
      const fits =
        wanted.every((place, filter) => place < 0 || values[number][filter].includes(place)) &&
        words.every((word) => texts[number].includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      shown += fits;
    });
    const order = sorted.column < 0 ? "" : `, sorted by “${titles[sorted.column]}”, ${sorted.direction}`;
    const warning = ignored ? " The address asks for something that this page does not have; that was left out." : "";
    const news = `${shown} of ${rows.length} ${table.dataset.noun} shown${order}.${warning}`;
    // Said aloud by screen readers, so only when it is news.
    if (status.textContent !== news) status.textContent = news;
    chosen.textContent = [...controls.values()]
      .filter(({ control }) => control.value)
      .map(({ control, words: label }) => `${label}: ${control.value}`)
      .join("; ");
  };

  const sort = (column, direction) => {
    sorted = { column, direction };
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    if (column < 0) {
      body.append(...rows);
      return;
    }
    const keys = new Map(rows.map((row) => [row, row.cells[column].dataset.sort ?? row.cells[column].textContent]));
    const bySize = headings[column].dataset.sortAs === "number";
    const compared = bySize ? (one, other) => one - other : collator.compare;
    const sign = direction === "ascending" ? 1 : -1;
    // Equal rows keep the order of the page; what is not stated has no place in the order and stands last.
    const keyed = rows.filter((row) => keys.get(row) !== "");
    const keyless = rows.filter((row) => keys.get(row) === "");
    keyed.sort((one, other) => sign * compared(keys.get(one), keys.get(other)));
    body.append(...keyed, ...keyless);
    headings[column].setAttribute("aria-sort", direction);
  };

  const fragment = () => {
    const state = new URLSearchParams();
    controls.forEach(({ control }, name) => {
      if (control.value) state.set(name, control.value);
    });
    if (sorted.column >= 0) {
      state.set(SORT, headings[sorted.column].dataset.name);
      state.set(ORDER, sorted.direction);
    }
    return state.toString();
  };

  // Browsers limit how often the address may change, so it changes when the typing pauses.
  let pause = 0;
  const changed = () => {
    ignored = 0;
    show();
    clearTimeout(pause);
    pause = setTimeout(() => {
      const state = fragment();
      history.replaceState(null, "", state ? `#${state}` : location.pathname + location.search);
    }, 200);
  };

  // What the page does not have is not taken over from the address, and the status says so.
  const read = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    ignored = [...state.keys()].filter((name) => !controls.has(name) && name !== SORT && name !== ORDER).length;
    controls.forEach(({ control }, name) => {
      const value = state.get(name) ?? "";
      control.value = value;
      if (control.value === value) return;
      control.value = "";
      ignored += 1;
    });
    const column = headings.findIndex((heading) => heading.dataset.name === state.get(SORT));
    ignored += state.has(SORT) && column < 0;
    sort(column, state.get(ORDER) === "descending" ? "descending" : "ascending");
    show();
  };

  headings.forEach((heading, column) => {
    const button = made("button", { type: "button", textContent: titles[column] });
    button.addEventListener("click", () => {
      sort(column, heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
      changed();
    });
    heading.replaceChildren(button);
  });
  controls.forEach(({ control }) => control.addEventListener("input", changed));
  clear.addEventListener("click", () => {
    controls.forEach(({ control }) => {
      control.value = "";
    });
    changed();
  });
  table.classList.add("sortable");
  document.querySelector(".skip-table").before(panel, status, chosen);
  read();
  // An anchor of the page, such as the skip link's, has no "=" and changes nothing.
  window.addEventListener("hashchange", () => {
    if (location.hash.length > 1 && !location.hash.includes("=")) return;
    clearTimeout(pause);
    read();
  });
})();
