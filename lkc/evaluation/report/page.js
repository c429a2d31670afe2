"use strict";
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

/* Sort the table of means by a column, the best first; once more, the other way round. */
function sortBy(button) {
  const head = button.closest("th");
  const column = head.cellIndex;
  const better = Number(button.dataset.better);
  const bestFirst = better > 0 ? "descending" : "ascending";
  const other = better > 0 ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === bestFirst ? other : bestFirst;
  const sign = order === "ascending" ? 1 : -1;
  const body = find("#means tbody");
  const value = (row) => row.cells[column].dataset.value;
  const number = (row) => {
    const found = Number(value(row).replace("inf", "Infinity"));
    return Number.isNaN(found) ? sign * Infinity : found; // what is missing goes last
  };
  const compare = column
    ? (a, b) => sign * Math.sign(number(a) - number(b) || 0)
    : (a, b) => sign * value(a).localeCompare(value(b));
  body.append(...[...body.rows].sort(compare));
  all("#means thead th").forEach((one) => one.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", order);
}
all("#means thead button").forEach((button) => button.addEventListener("click", () => sortBy(button)));

/* The viewer: one place and zoom for all pictures. */
const { pictures, orders, sources } = JSON.parse(find("#data").textContent);
const view = { zoom: 1, x: 0, y: 0 };
const BLINK_MS = 700; // fewer than three changes a second
let blinking = 0;

const pair = () => pictures[find("#pair").value];
const chosen = () => find("#choice input:checked").value;

function applyView() {
  const limit = 50 * (1 - 1 / view.zoom); // percent of a picture that may be moved out of sight
  for (const axis of ["x", "y"]) view[axis] = Math.max(-limit, Math.min(limit, view[axis]));
  const { style, classList } = find("#viewer");
  style.setProperty("--zoom", view.zoom);
  style.setProperty("--x", `${view.x}%`);
  style.setProperty("--y", `${view.y}%`);
  classList.toggle("zoomed", view.zoom > 1);
  find("#zoom").value = view.zoom;
}

function zoomTo(zoom) {
  view.zoom = Math.max(1, Math.min(8, zoom));
  applyView();
}

function move(right, down) {
  view.x += right;
  view.y += down;
  applyView();
}

function showLarge(name) {
  const image = find("#large img");
  image.src = pair().shown[name];
  image.alt = `${name}, ${pair().file}`;
}

function makeRadio(name, checked) {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "large", value: name, checked });
  label.append(radio, name);
  return label;
}

function makeFigure([name, address]) {
  const figure = document.createElement("figure");
  const pane = Object.assign(document.createElement("div"), { className: "pane" });
  const caption = Object.assign(document.createElement("figcaption"), { textContent: name });
  pane.append(Object.assign(new Image(), { src: address, alt: name, draggable: false }));
  figure.append(pane, caption);
  return figure;
}

function makeRow([name, texts]) {
  const row = document.createElement("tr");
  const head = Object.assign(document.createElement("th"), { textContent: name, scope: "row" });
  row.append(head, ...texts.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
  return row;
}

function showPair() {
  const { shown, values } = pair();
  find("#small").replaceChildren(...Object.entries(shown).map(makeFigure));
  find("#values").replaceChildren(...Object.entries(values).map(makeRow));
  showLarge(chosen());
}

function listPairs() {
  const method = find("#by").value;
  const indices = orders[method];
  const radio = all("#choice input").find(({ value }) => value === method);
  if (radio) radio.checked = true; // a published method has no pictures
  find("#pair").replaceChildren(...indices.map((index) => new Option(pictures[index].file, index)));
  showPair();
}

function goTo(step) {
  const select = find("#pair");
  select.selectedIndex = (select.selectedIndex + step + select.length) % select.length;
  showPair();
}

function blink() {
  const button = find("#blink");
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", on);
  clearInterval(blinking);
  if (!on) return showLarge(chosen());
  let turn = 0;
  blinking = setInterval(() => {
    const fused = sources.includes(chosen()) ? Object.keys(pair().shown).at(-1) : chosen();
    const names = [...sources, fused];
    showLarge(names[turn++ % names.length]);
  }, BLINK_MS);
}

const KEYS = {
  "+": () => zoomTo(view.zoom + 1),
  "=": () => zoomTo(view.zoom + 1),
  "-": () => zoomTo(view.zoom - 1),
  0: () => zoomTo(1),
  ArrowLeft: () => move(5 / view.zoom, 0),
  ArrowRight: () => move(-5 / view.zoom, 0),
  ArrowUp: () => move(0, 5 / view.zoom),
  ArrowDown: () => move(0, -5 / view.zoom),
  b: blink,
  p: () => goTo(-1),
  n: () => goTo(1),
};

function drag(event) {
  const pane = event.target.closest(".pane");
  if (!pane || view.zoom === 1) return;
  event.preventDefault();
  pane.focus();
  pane.setPointerCapture(event.pointerId);
  pane.onpointermove = ({ movementX, movementY }) =>
    move((100 * movementX) / pane.clientWidth / view.zoom, (100 * movementY) / pane.clientHeight / view.zoom);
  pane.onpointerup = pane.onpointercancel = () => { pane.onpointermove = null; };
}

if (pictures.length) {
  const names = Object.keys(pictures[0].shown);
  const first = names.at(sources.length) ?? names[0]; // the first method that has pictures
  find("#choice").append(...names.map((name) => makeRadio(name, name === first)));
  find("#choice").addEventListener("change", () => showLarge(chosen()));
  find("#by").addEventListener("change", listPairs);
  find("#pair").addEventListener("change", showPair);
  find("#previous").addEventListener("click", () => goTo(-1));
  find("#next").addEventListener("click", () => goTo(1));
  find("#zoom").addEventListener("input", (event) => zoomTo(Number(event.target.value)));
  find("#blink").addEventListener("click", blink);
  find("#viewer").addEventListener("pointerdown", drag);
  find("#large").addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  listPairs();
}
