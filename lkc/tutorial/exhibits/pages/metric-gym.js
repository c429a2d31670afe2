// Exhibit: spoil a fused image with sliders, and see which of the eleven metrics reward it.
import { data, find, make, say, oncePerPicture } from "./page.js";
import { readPicture } from "./bytes.js";
import { paint, GRAY } from "./paint.js";
import { evaluate } from "./metrics.js";
import { normalNumbers } from "./random.js";
import { spoil } from "./spoil.js";

const SLIDERS = {
  sharpen: { words: "sharpen", unit: "%", max: 2, step: 0.1 },
  blur: { words: "blur, sigma", unit: "pixels", max: 3, step: 0.25 },
  noise: { words: "add noise, sigma", unit: "gray levels", max: 30, step: 1 },
  first: { words: "copy the infrared image", unit: "%", max: 1, step: 0.05 },
  second: { words: "copy the visible image", unit: "%", max: 1, step: 0.05 },
  average: { words: "mix in the average of both", unit: "%", max: 1, step: 0.05 },
};
const PRESETS = {
  "start again": {},
  sharpened: { sharpen: 2 },
  noisy: { noise: 10 },
  blurred: { blur: 1.5 },
  "infrared alone": { first: 1 },
  "visible alone": { second: 1 },
  average: { average: 1 },
};
const REWARDS = {
  EN: "Gray levels that all occur equally often. Noise does that too.",
  MI: "Gray levels from which those of a source can be guessed. A copy of one source is hard to beat.",
  VIFF: "Detail of the sources that an eye would still find, also with more contrast.",
  Qabf: "Edges as strong as in the sources, in the same direction.",
  SSIM: "Small windows with the mean, the contrast and the pattern of both sources at once.",
  PSNR: "A small squared distance from both sources at once, measured against the brightest pixel.",
  CC: "Brightness that rises and falls together with that of both sources.",
  SCD: "What is left when one source is taken away should look like the other one.",
  SD: "Contrast over the whole image, wherever it comes from.",
  SF: "Large steps between neighbours, in the scene or in noise.",
  AG: "Steep slopes everywhere, in the scene or in noise.",
};
const SAME = 0.0005; // A change below this share is none.

const size = { height: data.height, width: data.width };
const [first, second, start] = ["first", "second", "start"].map((name) => ({ ...size, values: readPicture(data[name]) }));
const noise = normalNumbers(start.values.length, 1);
const atStart = evaluate(start, first, second);

function settings() {
  return Object.fromEntries(Object.keys(SLIDERS).map((name) => [name, Number(find(`#${name}-slider`).value)]));
}

function buildSliders() {
  for (const [name, { words, max, step }] of Object.entries(SLIDERS)) {
    const output = make("output", { id: `${name}-value` });
    const input = make("input", { id: `${name}-slider`, type: "range", min: 0, max, step, value: 0 });
    input.addEventListener("input", showSoon);
    find("#sliders").append(make("label", { className: "slider" }, `${words} `, output, input));
  }
  for (const [words, values] of Object.entries(PRESETS)) {
    const button = make("button", { type: "button", textContent: words });
    button.addEventListener("click", () => {
      for (const name of Object.keys(SLIDERS)) find(`#${name}-slider`).value = values[name] ?? 0;
      show();
    });
    find("#presets").append(button);
  }
}

function buildTable() {
  for (const { key, unit, description } of data.metrics) {
    const about = make("th", { scope: "row" }, make("b", { textContent: key }), unit ? ` (${unit})` : "", make("small", { textContent: REWARDS[key], title: description }));
    const row = make("tr", { id: key }, about, make("td", { textContent: say(atStart[key], 3) }), make("td"), make("td"));
    find("#scores tbody").append(row);
  }
}

/** The change as a share of the start, and whether the metric calls it better, worse or the same. */
function judge({ key, better }, now) {
  const share = (now[key] - atStart[key]) / Math.abs(atStart[key]);
  if (Math.abs(share) < SAME) return [share, "same"];
  return [share, share > 0 === (better === "higher") ? "better" : "worse"];
}

const SIGNS = { better: "▲ ", worse: "▼ ", same: "" };

function showScores(now) {
  const count = { better: 0, worse: 0, same: 0 };
  for (const metric of data.metrics) {
    const [share, verdict] = judge(metric, now);
    const row = find(`#${metric.key}`);
    count[verdict]++;
    Object.assign(row.dataset, { value: now[metric.key], start: atStart[metric.key] });
    row.cells[2].textContent = say(now[metric.key], 3);
    row.cells[3].textContent = verdict === "same" ? "same" : `${SIGNS[verdict]}${share > 0 ? "+" : ""}${say(100 * share, 1)} %`;
    row.cells[3].className = verdict;
  }
  find("#verdict").innerHTML = count.same === data.metrics.length
    ? "The image is as <code>lite</code> made it."
    : `<b>${count.better} of ${data.metrics.length}</b> metrics call the image better than at the start, ${count.worse} call it worse.`;
}

function show() {
  const chosen = settings();
  for (const [name, { unit }] of Object.entries(SLIDERS)) {
    find(`#${name}-value`).textContent = unit === "%" ? `${say(100 * chosen[name], 0)} %` : `${chosen[name]} ${unit}`;
  }
  const now = spoil(start, first, second, chosen, noise);
  paint(find("#now"), now.values, 0, 255, GRAY);
  showScores(evaluate(now, first, second));
}

const showSoon = oncePerPicture(show);

for (const id of ["first", "second", "start", "now"]) {
  Object.assign(find(`#${id}`), { ...size, role: "img", ariaLabel: `${id} image` });
}
for (const [id, image] of Object.entries({ first, second, start })) paint(find(`#${id}`), image.values, 0, 255, GRAY);
buildSliders();
buildTable();
show();
