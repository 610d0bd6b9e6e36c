"use strict";
// Small helps on pages that work without them: sorting and filtering tables, the slider, suggestions, the state of a job.

const rowsOf = (table) => [...table.tBodies[0].rows];
const valueOf = (row, at) => {
  const cell = row.cells[at];
  return (cell.dataset.sort ?? cell.textContent).trim();
};

function sortBy(table, at, head) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = rowsOf(table);
  const number = (text) => Number(text.replace(/,/g, "").replace("\u2212", "-"));
  const filled = rows.map((row) => valueOf(row, at)).filter((text) => text && text !== "–");
  const numeric = filled.length > 0 && filled.every((text) => !Number.isNaN(number(text)));
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  rows.sort((one, other) => {
    const [a, b] = [valueOf(one, at), valueOf(other, at)];
    const [noA, noB] = [a === "" || a === "–", b === "" || b === "–"];
    if (noA || noB) return noA - noB;
    const way = numeric ? number(a) - number(b) : order.compare(a, b);
    return down ? -way : way;
  });
  table.tBodies[0].append(...rows);
}

function helpTable(table) {
  if (table.dataset.helped) return;
  table.dataset.helped = "yes";
  const rows = rowsOf(table);
  if (rows.length < 2) return;
  for (const [at, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(table, at, head));
    head.append(button);
  }
  if (rows.length < 20) return;
  const words = document.body.dataset;
  const tools = document.createElement("p");
  tools.className = "rows-tools";
  const label = document.createElement("label");
  label.textContent = words.findRows + " ";
  const field = document.createElement("input");
  field.type = "search";
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of rowsOf(table)) {
      row.hidden = wanted !== "" && !row.textContent.toLocaleLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    said.textContent = wanted ? words.rowsShown.replace("{shown}", shown).replace("{total}", rows.length) : "";
  });
  label.append(field);
  tools.append(label, said);
  table.closest(".scroll").before(tools);
}

// The slider: the part of the page that depends on the day is fetched and put in, and the address follows.
function helpSlider(bar) {
  const slider = bar.querySelector("input[type=range]");
  const shown = bar.querySelector("output");
  const field = bar.querySelector("input[type=date]");
  let wanted = "", asking = false;
  const dayOf = (year) => (year === bar.dataset.last ? bar.dataset.closing : year + "-12-31");
  async function show() {
    if (asking) return;
    asking = true;
    while (wanted) {
      const address = wanted;
      wanted = "";
      try {
        const answer = await fetch(address, { headers: { accept: "text/html" } });
        if (!answer.ok) throw new Error(answer.status);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-swap]")) {
          const freshPart = page.querySelector(`[data-swap="${part.dataset.swap}"]`);
          if (freshPart) part.replaceChildren(...freshPart.childNodes);
        }
        const links = "footer nav a, a.tongue", fresh = [...page.querySelectorAll(links)];
        for (const [at, link] of [...document.querySelectorAll(links)].entries()) link.href = fresh[at].getAttribute("href");
        history.replaceState(null, "", address);
        document.querySelectorAll("table.sortable").forEach(helpTable);
      } catch {
        location.assign(address);
      }
    }
    asking = false;
  }
  slider.addEventListener("input", () => {
    shown.textContent = slider.value;
    field.value = dayOf(slider.value);
    const address = new URL(location.href);
    address.searchParams.delete("year");
    address.searchParams.set("as_of", field.value);
    wanted = address.pathname + address.search;
    show();
  });
}

function helpField(field, number) {
  const list = document.createElement("datalist");
  list.id = "suggested-" + number;
  field.setAttribute("list", list.id);
  field.after(list);
  let last = 0;
  field.addEventListener("input", async () => {
    const text = field.value.trim(), mine = ++last;
    if (text.length < 2 && text.charCodeAt(0) < 128) return;
    const query = new URLSearchParams({ q: text.slice(0, 120), kind: field.dataset.suggest, limit: "8" });
    const answer = await fetch("/api/search?" + query);
    if (!answer.ok || mine !== last) return;
    const chinese = document.documentElement.lang !== "en";
    list.replaceChildren(...(await answer.json()).map((row) => {
      const option = document.createElement("option");
      option.value = (chinese && row.name_zh) || row.name_en;
      option.label = row.key;
      return option;
    }));
  });
}

async function watch(part) {
  const shown = part.querySelector("progress"), says = part.querySelector(".says");
  while (["waiting", "running"].includes(part.dataset.state)) {
    await new Promise((resume) => setTimeout(resume, 700));
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
    if (fresh.dataset.state !== part.dataset.state) return location.reload();
    says.textContent = fresh.querySelector(".says").textContent;
    const bar = fresh.querySelector("progress");
    if (bar.hasAttribute("value")) shown.value = bar.value;
  }
}

document.documentElement.classList.add("scripted");
document.querySelectorAll("table.sortable").forEach(helpTable);
document.querySelectorAll(".timebar").forEach(helpSlider);
document.querySelectorAll("[data-suggest]").forEach(helpField);
document.querySelectorAll("[data-job]").forEach(watch);
