// Exhibit: drag a hot spot over a street, and see what networks with different norms change far away.
import { data, find, make, say, arrow, clamp, oncePerPicture } from "./page.js";
import { readPicture, readWeights } from "./bytes.js";
import { readColours, paint, GRAY } from "./paint.js";
import { startStem, fuse } from "./tiny.js";

const size = { height: data.height, width: data.width };
const colours = readColours(data.signed);
const settings = { eps: data.eps, groupSize: data.group_size };
const streets = data.streets.map((pair) => pair.map((picture) => readPicture(picture).map((level) => level / 255)));
const USUAL = 0.99; // Colours end at the change that this share of the pixels stays below.
const spot = { row: 46, column: 29 };

/** The cards: what is written above, the network, its norms, and how many streets are in the batch. */
const CARDS = [
  ["batch, in use", "batch", { stem: "stored", block: "stored" }, 1],
  ["batch, training", "batch", { stem: "batch", block: "batch" }, streets.length],
  ...["layer", "instance", "group"].map((norm) => [norm, norm, { stem: norm, block: norm }, 1]),
  ["hybrid", "hybrid", { stem: data.hybrid.stem, block: data.hybrid.large_kernel }, 1],
].map(([title, network, plan, samples]) => ({ title, weights: readNetwork(network), plan, samples }));

function readNetwork(name) {
  return Object.fromEntries(Object.entries(data.networks[name]).map(([part, text]) => [part, readWeights(text)]));
}

/** The infrared image with the spot: a Gaussian that ends at three sigma, cut off at white. */
function withSpot(infrared) {
  const sigma = Number(find("#sigma").value), brightness = Number(find("#brightness").value);
  const end = Math.ceil(3 * sigma);
  const hot = infrared.slice();
  for (let row = Math.max(0, spot.row - end); row <= Math.min(size.height - 1, spot.row + end); row++) {
    for (let column = Math.max(0, spot.column - end); column <= Math.min(size.width - 1, spot.column + end); column++) {
      const squared = (row - spot.row) ** 2 + (column - spot.column) ** 2;
      const i = row * size.width + column;
      hot[i] = Math.min(1, hot[i] + brightness * Math.exp(-squared / (2 * sigma ** 2)));
    }
  }
  return { hot, near: end + data.reach };
}

/** Run a card's network on a first street, with the others of its batch, which never change. */
function run(card, sources) {
  card.mates ??= streets.slice(1, card.samples).map((mate) => startStem(card.weights, mate, size));
  return fuse(card.weights, [startStem(card.weights, sources, size), ...card.mates], card.plan, size, settings);
}

/** What changed outside of the square around the spot, in gray levels; 0 inside. */
function changeFarAway(before, after, near) {
  const change = new Float32Array(before.length);
  const sizes = [];
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      if (Math.max(Math.abs(row - spot.row), Math.abs(column - spot.column)) <= near) continue;
      const i = row * size.width + column;
      change[i] = 255 * (after[i] - before[i]);
      sizes.push(Math.abs(change[i]));
    }
  }
  const sorted = Float32Array.from(sizes).sort();
  const mean = sizes.reduce((sum, value) => sum + value, 0) / sizes.length;
  return { change, mean, largest: sorted.at(-1), usual: sorted[Math.floor(USUAL * (sorted.length - 1))] };
}

function buildCards() {
  for (const card of CARDS) {
    card.fused = make("canvas", { ...size, role: "img", ariaLabel: `fused, ${card.title}` });
    card.far = make("canvas", { ...size, role: "img", ariaLabel: `change far away, ${card.title}` });
    card.text = make("p");
    card.element = make("section", {}, make("h2", { textContent: card.title }), card.fused, card.far, card.text);
    find("#cards").append(card.element);
  }
}

function showStreet(hot, near) {
  paint(find("#street canvas"), hot, 0, 1, GRAY);
  const share = (value, whole) => `${(100 * value) / whole}%`;
  const top = Math.max(0, spot.row - near), left = Math.max(0, spot.column - near);
  Object.assign(find("#reach").style, {
    top: share(top, size.height),
    left: share(left, size.width),
    height: share(Math.min(size.height, spot.row + near + 1) - top, size.height),
    width: share(Math.min(size.width, spot.column + near + 1) - left, size.width),
  });
  find("#where").textContent = `The spot is at row ${spot.row + 1}, column ${spot.column + 1}.`;
}

let hot, near, outdated = 0, turn = 0;

/** Bring one card up to date; the others wait, so that the spot follows the pointer at once. */
function showCard() {
  const card = CARDS[turn];
  turn = (turn + 1) % CARDS.length;
  card.before ??= run(card, streets[0]);
  card.after = run(card, [hot, streets[0][1]]);
  card.found = changeFarAway(card.before, card.after, near);
  paint(card.fused, card.after, 0, 1, GRAY);
  card.text.textContent = card.found.largest === 0
    ? "Nothing at all changed."
    : `${say(card.found.mean, 2)} gray levels on average, at most ${say(card.found.largest, 2)}`;
  Object.assign(card.element.dataset, { mean: card.found.mean, largest: card.found.largest });
  showMaps(find("#one-scale").checked ? CARDS : [card]);
}

/** Paint maps of what changed, each with its own scale or all with that of the largest change. */
function showMaps(cards) {
  const found = cards.filter((card) => card.found);
  const common = Math.max(...found.map((card) => card.found.usual));
  for (const { far, found: { change, usual } } of found) {
    const limit = (find("#one-scale").checked ? common : usual) || 1;
    paint(far, change, -limit, limit, colours);
  }
}

function showNextCard() {
  if (outdated > 0) showCard();
  outdated--;
  if (outdated > 0) requestAnimationFrame(showNextCard);
  else find("#cards").ariaBusy = false;
}

function show() {
  ({ hot, near } = withSpot(streets[0][0]));
  find("#brightness-value").textContent = say(Number(find("#brightness").value), 2);
  find("#sigma-value").textContent = say(Number(find("#sigma").value), 1);
  showStreet(hot, near);
  find("#cards").ariaBusy = true;
  const isIdle = outdated <= 0;
  outdated = CARDS.length;
  if (isIdle) requestAnimationFrame(showNextCard);
}

const showSoon = oncePerPicture(show);

function moveTo(row, column) {
  spot.row = clamp(Math.round(row), 0, size.height - 1);
  spot.column = clamp(Math.round(column), 0, size.width - 1);
  showSoon();
}

function followPointer(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  const box = find("#street canvas").getBoundingClientRect();
  moveTo(((event.clientY - box.top) / box.height) * size.height - 0.5, ((event.clientX - box.left) / box.width) * size.width - 0.5);
}

function followKeys(event) {
  const step = arrow(event.key);
  if (!step) return;
  event.preventDefault();
  const far = event.shiftKey ? 10 : 1;
  moveTo(spot.row + far * step[0], spot.column + far * step[1]);
}

for (const canvas of [find("#street canvas"), find("#visible")]) Object.assign(canvas, size);
paint(find("#visible"), streets[0][1], 0, 1, GRAY);
find("#parameters").textContent = data.parameters.toLocaleString("en");
buildCards();
const street = find("#street");
street.addEventListener("pointerdown", (event) => { street.setPointerCapture(event.pointerId); followPointer(event); });
street.addEventListener("pointermove", followPointer);
street.addEventListener("keydown", followKeys);
for (const control of document.querySelectorAll("input")) control.addEventListener("input", showSoon);
show();
