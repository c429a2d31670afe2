// A hot spot that is put into the first source, and moved there by mouse, finger or keys.

const PAUSE = 250; // milliseconds without a change, until the server hears of it
const END = 3; // A spot is drawn up to so many standard deviations.
const STOPS = 24; // of the gradient that draws it
const NAMES = ["row", "column", "width", "brightness"];
const ARROWS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

export class Spot {
  constructor(element, words, trigger) {
    [this.words, this.trigger] = [words, trigger];
    this.root = element.querySelector(".spot");
    this.stage = this.root.querySelector(".stage");
    this.canvas = this.root.querySelector("canvas");
    this.handle = this.root.querySelector(".handle");
    this.sliders = [...this.root.querySelectorAll("input")];
    this.turn = 0;
    this.connect();
  }

  // Show what the server sent: {pair, name, file, sigmas, width, brightness}, with a slider's
  // [least, most, step, start] for the last two; or nothing.
  async take(sent) {
    const turn = (this.turn += 1);
    [this.sent, this.picture, this.place] = [sent, null, null];
    this.canvas.width = 0;
    this.note();
    if (!sent) return;
    for (const slider of this.sliders) {
      const [least, most, step, start] = sent[slider.name];
      Object.assign(slider, {min: least, max: most, step, value: start});
    }
    const picture = Object.assign(new Image(), {src: sent.file.url});
    try {
      await picture.decode();
    } catch {
      return; // The file is no longer there, as the first tab will say.
    }
    if (turn !== this.turn) return; // Something else was sent meanwhile.
    this.picture = picture;
    this.canvas.setAttribute("aria-label", sent.name);
    this.draw();
  }

  // The spot as the server takes it: {row, column, width, brightness}.
  get spot() {
    const sizes = this.sliders.map((slider) => [slider.name, slider.valueAsNumber]);
    return {...this.place, ...Object.fromEntries(sizes)};
  }

  // Write down which spot this is. What belongs to another one is hidden at once by the page.
  note() {
    const digits = (number) => number.toString(16).padStart(8, "0");
    const {spot} = this;
    const code = this.place ? NAMES.map((name) => digits(spot[name])).join("") : "";
    this.root.querySelector("#spot-chosen").textContent = code;
    const {row, column} = this.words;
    this.root.querySelector(".where").textContent = this.place
      ? `${row} ${spot.row} · ${column} ${spot.column}` : this.words.none;
  }

  draw() {
    if (!this.picture) return;
    const {naturalWidth: width, naturalHeight: height} = this.picture;
    Object.assign(this.canvas, {width, height});
    const context = this.canvas.getContext("2d");
    context.drawImage(this.picture, 0, 0);
    for (const slider of this.sliders) slider.previousElementSibling.textContent = slider.value;
    this.handle.hidden = !this.place;
    if (!this.place) return;
    const {spot} = this;
    const [x, y] = [spot.column + 0.5, spot.row + 0.5];
    const radius = (END * spot.width) / this.sent.sigmas;
    const glow = context.createRadialGradient(x, y, 0, x, y, radius);
    for (let stop = 0; stop <= STOPS; stop++) {
      const sigmas = (END * stop) / STOPS;
      const level = Math.round(spot.brightness * Math.exp(-(sigmas ** 2) / 2));
      glow.addColorStop(stop / STOPS, `rgb(${level}, ${level}, ${level})`);
    }
    context.globalCompositeOperation = "lighter";
    context.fillStyle = glow;
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    Object.assign(this.handle.style, {
      left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`,
      width: `${(100 * spot.width) / width}%`, aspectRatio: "1",
    });
  }

  // Show the spot as it is now, and tell the server once it is quiet.
  change() {
    this.draw();
    if (!this.place) return;
    this.note();
    clearTimeout(this.waiting);
    const told = {pair: this.sent.pair, ...this.spot};
    this.waiting = setTimeout(() => told.pair === this.sent?.pair
      && this.trigger("release", told), PAUSE);
  }

  moveTo(row, column) {
    if (!this.picture) return;
    const within = (value, size) => Math.min(Math.max(Math.round(value), 0), size - 1);
    this.place = {row: within(row, this.canvas.height), column: within(column, this.canvas.width)};
    this.change();
  }

  follow({clientX, clientY}) {
    const {left, top, width, height} = this.canvas.getBoundingClientRect();
    this.moveTo(((clientY - top) / height) * this.canvas.height - 0.5,
      ((clientX - left) / width) * this.canvas.width - 0.5);
  }

  // Arrows put the spot in the middle first, and then move it.
  press(event) {
    const step = ARROWS[event.key];
    if (!step || !this.picture || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    const middle = {row: (this.canvas.height - 1) / 2, column: (this.canvas.width - 1) / 2};
    const {row, column} = this.place ?? middle;
    if (this.place) this.moveTo(row + far * step[0], column + far * step[1]);
    else this.moveTo(row, column);
  }

  connect() {
    const on = (name, act) => this.stage.addEventListener(name, act);
    on("pointerdown", (event) => {
      // A finger beside the spot may be about to scroll the page; its click comes if it was not.
      const scrolls = event.pointerType === "touch" && event.target !== this.handle;
      if (scrolls || event.button) return;
      this.stage.setPointerCapture(event.pointerId);
      this.isHeld = true;
      if (event.target !== this.handle) this.follow(event);
    });
    on("pointermove", (event) => this.isHeld && this.follow(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
      on(name, () => { this.isHeld = false; });
    on("click", (event) => event.target !== this.handle && this.follow(event));
    on("keydown", (event) => this.press(event));
    for (const slider of this.sliders) slider.addEventListener("input", () => this.change());
  }
}
