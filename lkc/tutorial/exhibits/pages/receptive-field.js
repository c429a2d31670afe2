// Exhibit: stack blocks, and see how far one pixel of the output sees, with and without the norm leak.
import { data, find, make, fillChoices, chosenIn, say, arrow, clamp } from "./page.js";
import { readPicture } from "./bytes.js";
import { readColours, paint, GRAY } from "./paint.js";
import { drawStack, runStack, fieldOf, theoreticalSide, massBySquare, sideThatHolds } from "./stack.js";

const KERNELS = [3, 7, 11, 15];
const MOST_BLOCKS = 7;
const EXAMPLES = { "one 15x15": [15], "seven 3x3": [3, 3, 3, 3, 3, 3, 3], "three 7x7": [7, 7, 7] };
const NORMS = { instance: "instance", layer: "layer", stored: "batch, in use" };
const NETWORKS = 8;
const DECADES = 5;
const MOST_ROWS = 6; // of the table of stacks that were tried

const size = { height: data.height, width: data.width };
const street = data.street.map((picture) => readPicture(picture).map((level) => level / 255));
const colours = readColours(data.field);
const pixel = { row: size.height / 2, column: size.width / 2 };
let kernels = [7];
let seed, sums; // How many networks are done, and what they add up to: {kernels, leak}.

function settings() {
  return { norm: chosenIn(find("#norm")), shortcut: find("#shortcut").checked, eps: data.eps };
}

/** Draw one more network, and add its two fields to the sums. */
function addNetwork() {
  seed++;
  const stack = drawStack(kernels, seed);
  const chosen = settings();
  const { kept } = runStack(stack, street, size, chosen);
  for (const [name, leaks] of [["kernels", false], ["leak", true]]) {
    const field = fieldOf(stack, kept, pixel, size, { ...chosen, leaks });
    sums[name] = sums[name] ? sums[name].map((value, i) => value + field[i]) : field;
  }
}

function markSquare(frame, kind, side) {
  const mark = frame.querySelector(`.${kind}`) ?? frame.appendChild(make("div", { className: `square ${kind}` }));
  const reach = (side - 1) / 2;
  const place = (at, length) => {
    const first = clamp(at - reach, 0, length), last = clamp(at + reach + 1, 0, length);
    return [`${(100 * first) / length}%`, `${(100 * (last - first)) / length}%`];
  };
  const [top, height] = place(pixel.row, size.height), [left, width] = place(pixel.column, size.width);
  Object.assign(mark.style, { top, height, left, width });
}

function showField(name) {
  const field = sums[name];
  const mass = massBySquare(field, pixel, size);
  const sides = { half: sideThatHolds(mass, 0.5), most: sideThatHolds(mass, 0.99) };
  const theory = theoreticalSide(kernels);
  const outside = 1 - (mass[(theory - 1) / 2] ?? 1);
  const frame = find(`#${name}`);
  const top = field.reduce((a, b) => Math.max(a, b));
  paint(frame.firstChild, field.map((value) => Math.log10(value / top + 1e-30)), -DECADES, 0, colours);
  for (const [kind, side] of Object.entries({ ...sides, dashed: theory })) markSquare(frame, kind, side);
  Object.assign(frame.dataset, { ...sides, outside, theory });
  return { ...sides, outside };
}

/** The stack in words; equal kernels in a row are counted. */
function inWords() {
  const { norm, shortcut } = settings();
  const runs = [];
  for (const kernel of kernels) {
    if (runs.at(-1)?.kernel === kernel) runs.at(-1).count++;
    else runs.push({ kernel, count: 1 });
  }
  const parts = runs.map(({ kernel, count }) => `${count} of ${kernel}x${kernel}`);
  return `${parts.join(", ")}; ${NORMS[norm]}${shortcut ? "" : "; no shortcuts"}`;
}

function showNumbers(off, on) {
  const body = find("#sides tbody");
  const words = inWords();
  const row = body.rows[0]?.dataset.stack === words ? body.rows[0] : body.insertRow(0);
  row.dataset.stack = words;
  const cells = [theoreticalSide(kernels), off.half, off.most, on.half, on.most, `${say(100 * on.outside, 1)} %`];
  row.replaceChildren(make("th", { scope: "row", textContent: words }), ...cells.map((cell) => make("td", { textContent: cell })));
  while (body.rows.length > MOST_ROWS) body.deleteRow(-1);
}

function showBlocks() {
  const removers = kernels.map((kernel, i) => {
    const button = make("button", { type: "button", textContent: `${kernel}x${kernel} ✕`, ariaLabel: `remove block ${i + 1}, ${kernel}x${kernel}`, disabled: kernels.length === 1 });
    button.addEventListener("click", () => restart(kernels.filter((_, other) => other !== i)));
    return make("li", {}, button);
  });
  find("#blocks").replaceChildren(...removers);
  for (const button of find("#more").querySelectorAll("button")) button.disabled = kernels.length === MOST_BLOCKS;
}

/** Compute network after network; what is shown gets smoother, and the page stays responsive. */
function continueWith(run) {
  if (run !== currentRun) return;
  addNetwork();
  showNumbers(showField("kernels"), showField("leak"));
  const isDone = seed === NETWORKS;
  find("#fields").ariaBusy = !isDone;
  find("#progress").textContent = isDone ? "" : `${seed} of ${NETWORKS} networks`;
  if (!isDone) setTimeout(continueWith, 0, run);
}

let currentRun = 0;
function restart(newKernels = kernels) {
  kernels = newKernels;
  [seed, sums] = [0, {}];
  find("#fields").ariaBusy = true;
  showBlocks();
  const run = ++currentRun;
  setTimeout(continueWith, 0, run);
}

function moveTo(row, column) {
  pixel.row = clamp(Math.floor(row), 0, size.height - 1);
  pixel.column = clamp(Math.floor(column), 0, size.width - 1);
  restart();
}

function connectMap(frame) {
  frame.addEventListener("click", (event) => {
    const box = frame.getBoundingClientRect();
    moveTo(((event.clientY - box.top) / box.height) * size.height, ((event.clientX - box.left) / box.width) * size.width);
  });
  frame.addEventListener("keydown", (event) => {
    const step = arrow(event.key);
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    moveTo(pixel.row + far * step[0], pixel.column + far * step[1]);
  });
}

function addButton(fieldset, words, task) {
  const button = make("button", { type: "button", textContent: words });
  button.addEventListener("click", task);
  find(fieldset).append(button);
}

for (const kernel of KERNELS) addButton("#more", `+ ${kernel}x${kernel}`, () => restart([...kernels, kernel]));
for (const [words, chosen] of Object.entries(EXAMPLES)) addButton("#examples", words, () => restart(chosen));
fillChoices(find("#norm"), NORMS, "instance", () => restart());
find("#shortcut").addEventListener("change", () => restart());
find("#count").textContent = NETWORKS;
for (const canvas of document.querySelectorAll("canvas")) Object.assign(canvas, size);
paint(find("#street"), street[0], 0, 1, GRAY);
for (const frame of document.querySelectorAll(".field")) connectMap(frame);
restart();
