// Exhibit: point at one value of a batch, and see who shares the statistics that normalize it.
import { data, find, make, fillChoices, chosenIn, say, arrow, clamp } from "./page.js";
import { readColours, paint } from "./paint.js";
import { indexSets, statisticsBySet, normalize } from "./norms.js";

const [samples, channels, rows, columns] = data.shape;
const area = rows * columns;
const maps = Array.from({ length: samples * channels }, (_, i) => data.values.slice(i * area, (i + 1) * area));
const colours = readColours(data.signed);
const LIMIT = 3; // Colours end at so much.
const at = { sample: 0, channel: 0, row: 1, column: 2 };
const NAMES = { stem: "stem", residual: "residual block", large_kernel: "large-kernel block", fusion: "fusion module" };

/** The norm that is applied: a plan such as hybrid has one for each place of the network. */
function appliedNorm() {
  const norm = chosenIn(find("#norm"));
  return norm === "hybrid" ? data.hybrid[chosenIn(find("#place"))] : norm;
}

const groupSize = () => Number(chosenIn(find("#size")));

function membersInWords(norm) {
  const first = at.channel - (at.channel % groupSize()) + 1;
  return {
    batch: `channel ${at.channel + 1} of every sample`,
    layer: `every channel of sample ${at.sample + 1}`,
    instance: "this map alone",
    group: groupSize() === 1 ? "this map alone" : `channels ${first} to ${first + groupSize() - 1} of sample ${at.sample + 1}`,
  }[norm];
}

function buildGrid() {
  const head = make("tr", {}, make("td"));
  for (let c = 0; c < channels; c++) head.append(make("th", { scope: "col", textContent: c + 1, title: `channel ${c + 1}` }));
  find("#grid").append(head);
  for (let n = 0; n < samples; n++) {
    const row = make("tr", {}, make("th", { scope: "row", textContent: n + 1, title: `sample ${n + 1}` }));
    for (let c = 0; c < channels; c++) {
      const canvas = make("canvas", { width: columns, height: rows });
      const cell = make("td", { className: "map", tabIndex: -1 }, canvas);
      Object.assign(cell.dataset, { sample: n, channel: c });
      row.append(cell);
    }
    find("#grid").append(row);
  }
}

function showCells(sets, after) {
  const own = sets[at.sample * channels + at.channel];
  const shown = chosenIn(find("#values")) === "after" ? after : maps;
  document.querySelectorAll("#grid .map").forEach((cell, i) => {
    const { sample, channel } = cell.dataset;
    const isHere = i === at.sample * channels + at.channel;
    cell.classList.toggle("shares", sets[i] === own);
    cell.classList.toggle("here", isHere);
    cell.tabIndex = isHere ? 0 : -1;
    const words = sets[i] === own ? "shares the statistics" : "has other statistics";
    cell.ariaLabel = `sample ${Number(sample) + 1}, channel ${Number(channel) + 1}: ${words}`;
    paint(cell.firstChild, shown[i], -LIMIT, LIMIT, colours);
    cell.style.setProperty("--row", at.row / rows);
    cell.style.setProperty("--column", at.column / columns);
  });
}

function showArithmetic(norm, sets, after) {
  const map = at.sample * channels + at.channel;
  const pixel = at.row * columns + at.column;
  const { count, sum, mean, squares, variance } = statisticsBySet(maps, sets).get(sets[map]);
  const x = maps[map][pixel], y = after[map][pixel];
  const section = find("#arithmetic");
  Object.assign(section.dataset, { norm, mean, variance, y });
  const minus = (value, decimals) => (value < 0 ? `+ ${say(-value, decimals)}` : `− ${say(value, decimals)}`);
  section.innerHTML = `
    <h2>Sample ${at.sample + 1}, channel ${at.channel + 1}, row ${at.row + 1}, column ${at.column + 1}</h2>
    <p><b>${norm} norm</b> takes together: ${membersInWords(norm)}. That is ${count / area} ${count === area ? "map" : "maps"} of ${area} values, ${count} in all.</p>
    <dl>
      <dt>value</dt><dd>x = ${say(x, 2)}</dd>
      <dt>mean</dt><dd>μ = sum of the ${count} values / ${count}<br>= ${say(sum, 2)} / ${count} = ${say(mean, 4)}</dd>
      <dt>variance</dt><dd>σ² = sum of the ${count} (x − μ)² / ${count}<br>= ${say(squares, 2)} / ${count} = ${say(variance, 4)}</dd>
      <dt>epsilon</dt><dd>ε = ${data.eps.toFixed(5)}, which prevents a division by zero</dd>
      <dt>normalized</dt><dd>y = (x − μ) / √(σ² + ε)<br>= (${say(x, 2)} ${minus(mean, 4)}) / √(${say(variance, 4)} + ${data.eps.toFixed(5)})<br>= <b>${say(y, 3)}</b></dd>
    </dl>`;
}

function show() {
  const norm = appliedNorm();
  const isHybrid = chosenIn(find("#norm")) === "hybrid";
  find("#place").hidden = find("#plan").hidden = !isHybrid;
  find("#size").hidden = norm !== "group";
  find("#plan").textContent = `Hybrid is no fifth set but a plan: ${Object.entries(data.hybrid).map(([place, own]) => `${own} norm in the ${NAMES[place]}`).join(", ")}.`;
  const sets = indexSets(norm, samples, channels, groupSize());
  const after = normalize(maps, sets, data.eps);
  showCells(sets, after);
  showArithmetic(norm, sets, after);
}

function moveTo(place) {
  Object.assign(at, place);
  show();
}

function followPointer(event) {
  const cell = event.target.closest(".map");
  if (!cell) return;
  const box = cell.getBoundingClientRect();
  const inside = (offset, length, count) => clamp(Math.floor((offset / length) * count), 0, count - 1);
  moveTo({
    sample: Number(cell.dataset.sample),
    channel: Number(cell.dataset.channel),
    row: inside(event.clientY - box.top, box.height, rows),
    column: inside(event.clientX - box.left, box.width, columns),
  });
}

function followKeys(event) {
  const step = arrow(event.key);
  if (!step) return;
  event.preventDefault();
  if (event.shiftKey) {
    moveTo({ row: clamp(at.row + step[0], 0, rows - 1), column: clamp(at.column + step[1], 0, columns - 1) });
  } else {
    moveTo({ sample: clamp(at.sample + step[0], 0, samples - 1), channel: clamp(at.channel + step[1], 0, channels - 1) });
  }
  find("#grid .here").focus();
}

const sizes = Array.from({ length: channels }, (_, i) => i + 1).filter((size) => channels % size === 0);
fillChoices(find("#norm"), Object.fromEntries([...data.norms, "hybrid"].map((norm) => [norm, norm])), data.norms[0], show);
fillChoices(find("#place"), NAMES, "stem", show);
fillChoices(find("#size"), Object.fromEntries(sizes.map((size) => [size, size])), String(channels / 2), show);
fillChoices(find("#values"), { before: "before the norm", after: "after the norm" }, "before", show);
buildGrid();
find("#grid").addEventListener("pointermove", followPointer);
find("#grid").addEventListener("pointerdown", followPointer);
find("#grid").addEventListener("keydown", followKeys);
show();
