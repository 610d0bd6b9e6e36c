"use strict";
(() => {
  // Tables are whole without this script; it adds sorting and a filter.
  const text = (cell) => (cell ? cell.dataset.sort || cell.textContent.trim() : "");
  const lang = document.documentElement.lang;
  const order = new Intl.Collator(lang, { numeric: true });
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => {
          const one = text(a.cells[head.cellIndex]);
          const two = text(b.cells[head.cellIndex]);
          if (!one || !two) return one ? -1 : two ? 1 : 0;
          return order.compare(one, two) * (down ? -1 : 1);
        });
        body.append(...rows);
      });
    }
  }
  for (const box of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.querySelectorAll(box.dataset.filter + " tbody tr")];
    const parts = [...document.querySelectorAll(box.dataset.filter + " details")].map((part) => [part, part.open]);
    const label = document.createElement("label");
    const input = document.createElement("input");
    const told = document.createElement("span");
    input.type = "search";
    label.append(box.dataset.label + " ", input);
    told.setAttribute("role", "status");
    told.className = "muted";
    box.append(label, told);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase(lang);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLocaleLowerCase(lang).includes(wanted);
        if (!row.hidden) shown += 1;
      }
      for (const [part, open] of parts) {
        part.open = wanted ? !!part.querySelector("tbody tr:not([hidden])") : open;
      }
      told.textContent = wanted ? box.dataset.shown.replace("0", shown) : "";
    });
  }
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) { part.open = true; closed.push(part); }
  });
  addEventListener("afterprint", () => { for (const part of closed.splice(0)) part.open = false; });
})();
