// The page: two sources in, one comparison out; live.js has the other mode. What is computed is in worker.js.
import { checkPair, draw, readImage, Refusal } from "./images.js";
import { createLive } from "./live.js";
import { say, WORDS } from "./words.js";

const TASKS = {
  "ir-vis": { first: "ir", second: "vis", colour: true },
  "mri-ct": { first: "mri", second: "ct", colour: false },
  "mri-pet": { first: "mri", second: "pet", colour: true },
  "mri-spect": { first: "mri", second: "spect", colour: true },
};
const SLOTS = ["first", "second"];

const asked = new URLSearchParams(location.search);
const find = (selector) => document.querySelector(selector);
const worker = new Worker("worker.js", { type: "module" });
const sources = { first: null, second: null };
let language = [asked.get("lang"), navigator.language.slice(0, 2), "en"].find((name) => name in WORDS);
let message = ["waiting_both", {}];
let pace = null; // how the live mode does
let job = 0; // only the answer to the newest question is shown

const taskName = () => find("[name=task]:checked").value;
const isLive = () => find("[name=mode]:checked").value === "live";
const sourceName = (slot) => say(language, TASKS[taskName()][slot]);

function tell(key, values = {}) {
  message = [key, values];
  const engine = values.engine && say(language, values.engine);
  const name = values.slot && sourceName(values.slot);
  find("#status").classList.remove("bad");
  find("#status").textContent = say(language, key, { ...values, ...(engine && { engine }), ...(name && { name }) });
}

function complain(error) {
  const known = error instanceof Refusal;
  const reason = String(error.message ?? error).split("\n")[0].replace(/\.$/, "");
  tell(known ? error.key : "failed", known ? error.values : { reason });
  find("#status").classList.add("bad");
}

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) {
    node.textContent = say(language, node.dataset.word);
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(language, node.dataset.label));
  }
  find("#language").textContent = say(language, "other");
  for (const slot of SLOTS) {
    find(`#${slot} strong`).textContent = find(`#${slot}-feed strong`).textContent = sourceName(slot);
    find(`[name=side][value=${slot}] + span`).textContent = sourceName(slot);
    if (sources[slot]) find(`#${slot} .hint`).textContent = sources[slot].name;
  }
  document.title = say(language, "title");
  const bad = find("#status").classList.contains("bad");
  tell(...message);
  find("#status").classList.toggle("bad", bad);
  showPace();
  live.show();
  showSide();
}

/** Say how the live mode does, or nothing when it stands still. */
function showPace(answer = pace) {
  pace = answer;
  const key = pace && (pace.engine === "wasm" ? "pace_wasm" : "pace_webgpu");
  const ms = pace && Math.round(pace.milliseconds);
  find("#pace").textContent = pace ? say(language, key, { ...pace, ms }) : "";
}

function changeMode() {
  find("#lead").dataset.word = isLive() ? "lead_live" : "lead";
  translate();
  find("#still").hidden = isLive();
  find("#live").hidden = !isLive();
  find("#live-result").hidden = find("#result").hidden = true;
  job += 1; // no still picture is shown in the live mode
  live.stop();
  if (isLive()) live.waiting();
  else fuse();
}

function showSide() {
  const slot = find("[name=side]:checked").value;
  find("#before-name").textContent = sourceName(slot);
  find("#before").setAttribute("aria-label", sourceName(slot));
  if (!find("#result").hidden) draw(find("#before"), sources[slot]);
}

function showSources() {
  for (const slot of SLOTS) {
    const canvas = find(`#${slot} canvas`);
    canvas.hidden = !sources[slot];
    if (sources[slot]) draw(canvas, sources[slot]);
    find(`#${slot} .hint`).textContent = sources[slot]?.name ?? say(language, "drop");
  }
}

function fuse() {
  job += 1;
  find("#result").hidden = true;
  const missing = SLOTS.filter((slot) => !sources[slot]);
  if (missing.length === 2) return tell("waiting_both");
  if (missing.length === 1) return tell("waiting", { slot: missing[0] });
  const { first, second } = sources;
  try {
    checkPair(first, second);
  } catch (error) {
    return complain(error);
  }
  tell("loading");
  worker.postMessage({
    id: job,
    task: taskName(),
    colour: TASKS[taskName()].colour,
    backend: asked.get("backend"),
    width: first.width,
    height: first.height,
    first: first.data,
    second: second.data,
  });
}

async function show({ id, pixels, milliseconds, engine }) {
  const { width, height } = sources.first;
  draw(find("#fused"), { width, height, data: pixels });
  const blob = await new Promise((ready) => find("#fused").toBlob(ready, "image/png"));
  if (id !== job) return; // another pair was given meanwhile
  const link = find("#download");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(blob); // picture and download are of one pair
  find("#result").hidden = false;
  showSide();
  tell("done", { width, height, ms: Math.round(milliseconds), engine });
}

async function take(files) {
  try {
    const images = await Promise.all(Object.values(files).map(readImage));
    Object.keys(files).forEach((slot, index) => (sources[slot] = images[index]));
    showSources();
    fuse();
  } catch (error) {
    complain(error); // what was there stays
  }
}

async function loadExample() {
  const task = taskName();
  const fetchFile = async (folder) => {
    const answer = await fetch(`examples/${task}/${folder}.png`);
    return new File([await answer.blob()], `${folder}.png`);
  };
  await take({
    first: await fetchFile(TASKS[task].first),
    second: await fetchFile(TASKS[task].second),
  });
}

function listen() {
  for (const slot of SLOTS) {
    const box = find(`#${slot}`);
    const input = box.querySelector("input");
    input.addEventListener("change", () => {
      if (input.files.length) take({ [slot]: input.files[0] });
      input.value = ""; // the same file may be chosen again
    });
    for (const [event, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
      box.addEventListener(event, () => box.classList.toggle("over", over));
    }
    box.addEventListener("drop", ({ dataTransfer: { files } }) => {
      if (files.length >= 2) take({ first: files[0], second: files[1] });
      else if (files.length) take({ [slot]: files[0] });
    });
  }
  for (const event of ["dragover", "drop"]) {
    addEventListener(event, (dragged) => dragged.preventDefault()); // never leave for a dropped file
  }
  find("#tasks").addEventListener("change", () => {
    translate();
    if (!isLive()) fuse();
  });
  find("#modes").addEventListener("change", changeMode);
  find("#sides").addEventListener("change", showSide);
  find("#split").addEventListener("input", ({ target }) => {
    find("#compare").style.setProperty("--split", `${target.value}%`);
  });
  find("#example").addEventListener("click", loadExample);
  find("#swap").addEventListener("click", () => {
    [sources.first, sources.second] = [sources.second, sources.first];
    showSources();
    fuse();
  });
  find("#language").addEventListener("click", () => {
    language = language === "en" ? "zh" : "en";
    translate();
  });
}

const live = createLive({
  ask: (question, transfer) => worker.postMessage(question, transfer),
  tell,
  complain,
  pace: showPace,
  label: (key) => say(language, key),
  choice: () => ({ task: taskName(), colour: TASKS[taskName()].colour, backend: asked.get("backend") }),
});
/** Where the server does not send the headers that WebAssembly's threads need, add them here. */
async function isolate() {
  if (self.crossOriginIsolated || !navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("isolation.js");
  } catch {
    return; // as in some private windows: one thread
  }
  await navigator.serviceWorker.ready;
  const untouched = !sources.first && !sources.second && !isLive();
  if (untouched && !sessionStorage.getItem("isolated")) {
    sessionStorage.setItem("isolated", "tried"); // never twice, or it might not end
    location.reload();
  }
}

worker.onmessage = ({ data }) => {
  if (data.live) return live.answered(data);
  if (data.id !== job) return;
  if (data.error) complain(data.error);
  else show(data).catch(complain);
};
worker.onerror = () => complain("its worker did not start");
listen();
translate();
isolate();
