// The live mode: two feeds in, one fused picture out, as often as the worker manages.
import { free, grab, keepInStep, listCameras, openCamera, openClip, pause, restart } from "./feeds.js";
import { Refusal } from "./images.js";

const SLOTS = ["first", "second"];
const LONGEST = 640; // pixels of a frame's longer side; keep to what words.js says
const RATE_SECONDS = 2; // the frame rate is a mean over so long
const TELL_EVERY = 500; // milliseconds

const find = (selector) => document.querySelector(selector);

/** Set the live mode up: `ask` sends a job to the worker, `tell`, `clear` and `complain` speak. */
export function createLive({ ask, tell, pace, complain, choice, label }) {
  const feeds = { first: null, second: null };
  let run = 0; // answers to an earlier run are not shown
  let running = false;
  let busy = false; // the worker has a frame; newer ones are dropped until it answers
  let fresh = false; // a frame has come since the last one was sent
  let sent = 0;
  let drawn = []; // when the last pictures were drawn
  let told = 0;
  let turn = Promise.resolve();

  const chosen = () => SLOTS.map((slot) => feeds[slot]).filter(Boolean);
  const clips = () => chosen().filter((feed) => feed.file);

  function watch(feed) {
    const { video } = feed;
    const perFrame = video.requestVideoFrameCallback?.bind(video) ?? requestAnimationFrame;
    const came = () => {
      if (!chosen().includes(feed)) return; // another one was chosen
      fresh = true;
      next();
      perFrame(came);
    };
    perFrame(came);
    const lost = () => chosen().includes(feed) && fail(new Refusal("feed_lost", { name: feed.name }));
    video.onerror = lost;
    video.srcObject?.getVideoTracks()[0].addEventListener("ended", lost); // unplugged
    video.onended = () => running && restart(clips()).catch((error) => running && fail(error));
  }

  function frameSize({ video: { videoWidth, videoHeight } }) {
    const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight));
    return [videoWidth, videoHeight].map((side) => Math.round(scale * side));
  }

  async function next() {
    if (!running || busy || !fresh) return;
    [busy, fresh] = [true, false];
    const mine = run;
    try {
      if (clips().length === 2) keepInStep(clips());
      sent = performance.now();
      const images = await Promise.all(chosen().map(({ video }) => grab(video)));
      const [width, height] = frameSize(feeds.first);
      ask({ live: true, run: mine, width, height, images, ...choice() }, images);
    } catch (error) {
      busy = false;
      fail(error);
    }
  }

  function answered({ run: theirs, error, ...answer }) {
    busy = false;
    if (theirs === run && running) {
      if (error) return fail(error);
      const now = performance.now();
      const recent = (time) => time === drawn.at(-1) || now - time < 1000 * RATE_SECONDS;
      drawn = [...drawn.filter(recent), now];
      if (drawn.length === 1) tell("live_running");
      if (drawn.length > 1 && now - told > TELL_EVERY) {
        told = now;
        const rate = (1000 * (drawn.length - 1)) / (now - drawn[0]);
        pace({ ...answer, rate: rate.toFixed(1), latency: Math.round(now - sent) });
      }
    }
    next();
  }

  async function start() {
    try {
      for (const slot of SLOTS.filter((name) => feeds[name].video.srcObject?.active === false)) {
        await give(slot, await openCamera(feeds[slot].camera)); // it was freed by stop
      }
      await restart(clips());
    } catch (error) {
      return fail(error);
    }
    run += 1;
    [running, drawn] = [true, []];
    show();
    find("#live-result").hidden = false;
    tell("loading");
    next();
  }

  function stop() {
    running = false;
    chosen().forEach(pause);
    pace(null);
    show();
  }

  function fail(error) {
    stop();
    complain(error);
  }

  async function give(slot, feed) {
    if (feeds[slot]) free(feeds[slot]);
    feeds[slot] = feed;
    find(`#${slot}-feed .screen`).replaceChildren(feed.video);
    watch(feed);
    await listChoices();
    show();
  }

  async function take(slot, opening) {
    try {
      await give(slot, await opening());
    } catch (error) {
      return complain(error); // what was there stays
    }
    const missing = SLOTS.find((name) => !feeds[name]);
    if (missing) tell("live_missing", { slot: missing });
    else await start();
  }

  /** Handle choices one after the other: the newest has the last word. */
  function open(slot, opening) {
    turn = turn.then(() => take(slot, opening));
  }

  async function openAnyCamera() {
    const taken = chosen().map(({ camera }) => camera);
    const left = (await listCameras()).find(({ deviceId }) => !taken.includes(deviceId));
    return openCamera(left?.deviceId);
  }

  async function listChoices() {
    const cameras = await listCameras();
    for (const slot of SLOTS) {
      const list = find(`#${slot}-feed select`);
      list.replaceChildren(...cameras.map(({ label: text, deviceId }) => new Option(text, deviceId)));
      list.value = feeds[slot]?.camera ?? "";
      list.hidden = !feeds[slot]?.camera || cameras.length < 2;
    }
  }

  /** Show names and the one button in the language of the page. */
  function show() {
    for (const slot of SLOTS) find(`#${slot}-feed .hint`).textContent = feeds[slot]?.name ?? label("feed_hint");
    find("#toggle").textContent = label(running ? "stop" : "start");
    find("#toggle").disabled = chosen().length < 2;
  }

  for (const slot of SLOTS) {
    const box = find(`#${slot}-feed`);
    const input = box.querySelector("input");
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (file) open(slot, () => openClip(file));
      input.value = ""; // the same file may be chosen again
    });
    box.querySelector("button").addEventListener("click", () => open(slot, () => openAnyCamera()));
    box.querySelector("select").addEventListener("change", ({ target }) => open(slot, () => openCamera(target.value)));
  }
  find("#toggle").addEventListener("click", () => {
    if (!running) return start();
    stop();
    tell("live_stopped");
  });
  const canvas = find("#picture").transferControlToOffscreen();
  ask({ canvas }, [canvas]);
  return { answered, show, stop, waiting: () => tell(chosen().length ? "live_stopped" : "live_waiting") };
}
