"use strict";
// Offers each table as CSV (RFC 4180, with a mark for UTF-8): its rows as they are shown.
(() => {
  const words = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true], .visually-hidden").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  // A spreadsheet would run these as formulas; numbers with a sign stay numbers.
  const harmless = (text) => (/^[=+\-@＝＋－＠]/.test(text) && !/^[+-]?\d+(\.\d+)?%?$/.test(text) ? `'${text}` : text);
  const field = (cell) => {
    const text = harmless(words(cell));
    return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (table) =>
    [...table.rows].filter((row) => !row.hidden).map((row) => [...row.cells].map(field).join(",") + "\r\n").join("");
  const page = decodeURIComponent(location.pathname).split("/").pop().replace(/\.html$/, "");
  document.querySelectorAll("main table").forEach((table) => {
    const caption = words(table.caption);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "take";
    button.textContent = "CSV";
    button.setAttribute("aria-label", `CSV of the table: ${caption}`);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff", csv(table)], { type: "text/csv;charset=utf-8" }));
      link.download = `${page} ${caption}`.replace(/[^\w.=]+/g, "-").slice(0, 80).replace(/-$/, "") + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    (table.closest(".wide") ?? table).after(button);
  });
})();
