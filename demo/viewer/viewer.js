// One view of the fused image and its sources: beside one another, one fading into another, or
// divided by a curtain; zoomed and moved together, with the values of all three at one point.

import {WHOLE, hold, place, pointAt, zoomAt} from "./geometry.js";
import {load, ownValues, shownValues} from "./pixels.js";

const [FUSED, FIRST, SECOND] = [0, 1, 2];
const FADE = [FIRST, FUSED, SECOND]; // These lie at 0, 1 and 2 of the fade.
const LAYOUT = "lkc-layout"; // The browser remembers it under this name for the next pair.
const STEP = 1.25; // of the zoom
const NEAR = 16; // A finger this far from the curtain, in pixels of the screen, takes hold of it.

export class Viewer {
  constructor(element, words) {
    this.words = words;
    this.root = element.querySelector(".viewer");
    this.canvases = [...this.root.querySelectorAll("canvas")];
    this.layouts = [...this.root.querySelectorAll(".layouts input")];
    this.slider = this.root.querySelector(".mix input");
    this.values = this.root.querySelector(".values");
    this.pointers = new Map(); // that are down: id -> {x, y}
    this.loading = 0;
    this.empty();
    [this.view, this.fade, this.curtain] = [WHOLE, 1, 0.5];
    this.arrange(sessionStorage.getItem(LAYOUT) ?? "beside");
    this.connect();
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  // Show what the server sent: {pair, images: [{name, file, values, range}, ...]}, or nothing.
  async take(sent) {
    const turn = (this.loading += 1);
    if (sent?.pair !== this.pair) this.empty();
    if (!sent) return;
    const known = new Map(this.images.map((image) => [image.url, image]));
    const loaded = sent.images.map(({file}) => known.get(file.url) ?? load(file));
    let images;
    try {
      images = await Promise.all(loaded);
    } catch {
      if (turn === this.loading) this.values.textContent = this.words.gone;
      return;
    }
    if (turn !== this.loading) return; // Something else was sent meanwhile.
    this.images = images.map(({url, bitmap}, i) => ({...sent.images[i], url, bitmap}));
    if (sent.pair !== this.pair) this.view = WHOLE;
    this.pair = sent.pair;
    const {width, height} = images[FUSED].bitmap;
    this.root.style.setProperty("--ratio", width / height);
    this.arrange(this.layout);
  }

  empty() {
    [this.images, this.pair, this.point, this.rows] = [[], null, null, new Map()];
    for (const canvas of this.canvases) {
      canvas.width = 0;
      canvas.dataset.drawn = "[]";
      canvas.removeAttribute("aria-label");
    }
    for (const caption of this.root.querySelectorAll("figcaption")) caption.textContent = "";
    this.values.textContent = "";
  }

  get picture() {
    return this.images[FUSED].bitmap;
  }

  arrange(layout) {
    this.layout = layout;
    sessionStorage.setItem(LAYOUT, layout);
    this.root.dataset.layout = layout;
    const source = layout === "second" ? SECOND : FIRST;
    for (const input of this.layouts) input.checked = input.value === layout;
    this.slider.value = layout === "fade" ? this.fade * 50 : this.curtain * 100;
    if (this.images.length) {
      const name = (index) => this.images[index].name;
      const [left, right] = this.root.querySelectorAll(".mix span");
      left.textContent = name(source);
      right.textContent = name(layout === "fade" ? SECOND : FUSED);
      const between = [FIRST, SECOND].map((index) => `${name(index)} ⇆ ${name(FUSED)}`);
      for (const [i, text] of between.entries())
        this.layouts[i + 2].nextElementSibling.textContent = text;
    }
    this.draw();
  }

  // What a pane shows, from below: [{index, alpha, left}], where `left` is the share of the pane
  // that it takes.
  layers(pane) {
    if (this.layout === "beside") return [{index: pane, alpha: 1, left: 1}];
    if (this.layout === "fade") {
      const lower = Math.min(Math.floor(this.fade), 1);
      const layers = [
        {index: FADE[lower], alpha: 1, left: 1},
        {index: FADE[lower + 1], alpha: this.fade - lower, left: 1},
      ];
      return layers.filter(({alpha}, i) => alpha > 0 && !(i === 0 && layers[1].alpha === 1));
    }
    const source = this.layout === "first" ? FIRST : SECOND;
    return [{index: FUSED, alpha: 1, left: 1}, {index: source, alpha: 1, left: this.curtain}];
  }

  draw() {
    if (!this.images.length) return;
    this.view = hold(this.view, this.picture);
    const moved = this.view.zoom > 1;
    for (const [pane, canvas] of this.canvases.entries()) {
      canvas.style.touchAction = moved ? "none" : "pan-y"; // The whole picture moves with the page.
      if (canvas.clientWidth) this.drawPane(canvas, this.layers(pane));
    }
    this.describe();
  }

  drawPane(canvas, layers) {
    const sharpness = window.devicePixelRatio;
    canvas.width = Math.round(canvas.clientWidth * sharpness);
    canvas.height = Math.round(canvas.clientHeight * sharpness);
    const context = canvas.getContext("2d");
    const {scale, left, top} = place(this.view, this.picture, canvas);
    context.imageSmoothingEnabled = scale < 2; // beyond it single pixels are seen
    context.imageSmoothingQuality = "high";
    for (const layer of layers) {
      const {bitmap} = this.images[layer.index];
      context.save();
      context.beginPath();
      context.rect(0, 0, layer.left * canvas.width, canvas.height);
      context.clip();
      context.globalAlpha = layer.alpha;
      context.drawImage(bitmap, left, top, bitmap.width * scale, bitmap.height * scale);
      context.restore();
    }
    if (this.hasCurtain) this.drawLine(context, this.curtain * canvas.width, sharpness);
    if (this.point) this.drawCross(context, {scale, left, top}, sharpness);
    const drawn = layers.map(({index}) => this.images[index].url);
    canvas.dataset.drawn = JSON.stringify(drawn);
  }

  get hasCurtain() {
    return this.layout === "first" || this.layout === "second";
  }

  drawLine(context, x, sharpness) {
    const {height} = context.canvas;
    for (const [colour, width] of [["black", 4], ["white", 2]]) {
      context.fillStyle = colour;
      context.fillRect(x - (width / 2) * sharpness, 0, width * sharpness, height);
    }
  }

  drawCross(context, {scale, left, top}, sharpness) {
    const x = left + (this.point.x + 0.5) * scale;
    const y = top + (this.point.y + 0.5) * scale;
    const [inner, outer] = [4 * sharpness + scale / 2, 10 * sharpness + scale / 2];
    for (const [colour, width] of [["black", 3], ["white", 1]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * sharpness;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * inner, y + dy * inner);
        context.lineTo(x + dx * outer, y + dy * outer);
      }
      context.stroke();
    }
  }

  // Name what the panes show, for eyes and for readers of the screen.
  describe() {
    for (const [pane, canvas] of this.canvases.entries()) {
      const shares = this.layers(pane).map(({index, alpha}) => [this.images[index].name, alpha]);
      const [[lower], [upper, alpha] = []] = shares;
      const names = this.hasCurtain ? [upper, lower].join(" ⇆ ")
        : upper ? `${lower} ${Math.round(100 * (1 - alpha))}% + ${upper} ${Math.round(100 * alpha)}%`
        : lower;
      canvas.setAttribute("aria-label", names);
      canvas.nextElementSibling.textContent = names;
      if (pane === 0) this.slider.setAttribute("aria-valuetext", names);
    }
  }

  zoom(factor, point = this.view) {
    if (!this.images.length) return;
    this.view = zoomAt(this.view, this.picture, factor, point);
    this.draw();
  }

  // Move what is seen by shares of the pane.
  move(x, y) {
    const {zoom} = this.view;
    this.view = {zoom, x: this.view.x - x / zoom, y: this.view.y - y / zoom};
    this.draw();
  }

  showWhole() {
    this.view = WHOLE;
    this.draw();
  }

  // The next of the three, at the same place.
  blink() {
    const stops = [FUSED, FIRST, SECOND];
    const now = this.layout === "fade" ? FADE[Math.round(this.fade)] : SECOND;
    this.fade = FADE.indexOf(stops[(stops.indexOf(now) + 1) % 3]);
    this.arrange("fade");
  }

  fillScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  // Point at a pixel of the picture, given in shares, and say its values.
  async pointTo(share) {
    const {width, height} = this.picture;
    const [x, y] = [Math.floor(share.x * width), Math.floor(share.y * height)];
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    if (inside && x === this.point?.x && y === this.point?.y) return;
    this.point = inside ? {x, y} : null;
    this.draw();
    const point = this.point;
    const said = point ? await Promise.all(this.images.map((image) => this.say(image, point))) : [];
    if (point !== this.point) return; // The pointer has moved on.
    const where = point ? [`${this.words.column} ${x}, ${this.words.row} ${y}`] : [];
    this.values.textContent = [...where, ...said].join(" · ");
  }

  async say({name, bitmap, values, range, unit}, {x, y}) {
    const shown = `${name} ${shownValues(bitmap, x, y).join(", ")} ${this.words.of} 255`;
    if (!values) return shown;
    try {
      const own = await ownValues({...values, url: values.file.url}, bitmap.width, x, y, this.rows);
      const numbers = own.map((v) => (Number.isNaN(v) ? this.words.gap : +v.toPrecision(6)));
      const kind = range ? `${this.words.of} ${range}` : this.words.in_file;
      return [name, numbers.join(", "), unit, kind].filter(Boolean).join(" ");
    } catch {
      return shown;
    }
  }

  connect() {
    const on = (selector, event, act) =>
      this.root.querySelector(selector).addEventListener(event, act);
    for (const input of this.layouts)
      input.addEventListener("change", () => this.arrange(input.value));
    on(".mix input", "input", () => {
      if (this.layout === "fade") this.fade = this.slider.value / 50;
      else this.curtain = this.slider.value / 100;
      this.draw();
    });
    on("[name=blink]", "click", () => this.blink());
    on("[name=closer]", "click", () => this.zoom(STEP));
    on("[name=farther]", "click", () => this.zoom(1 / STEP));
    on("[name=whole]", "click", () => this.showWhole());
    on("[name=screen]", "click", () => this.fillScreen());
    this.root.querySelector("[name=screen]").hidden = !document.fullscreenEnabled;
    on(".panes", "keydown", (event) => this.press(event));
    for (const canvas of this.canvases) this.connectPane(canvas);
  }

  press(event) {
    const keys = {
      "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP),
      "0": () => this.showWhole(), " ": () => this.blink(), f: () => this.fillScreen(),
      ArrowLeft: () => this.step(-1, 0), ArrowRight: () => this.step(1, 0),
      ArrowUp: () => this.step(0, -1), ArrowDown: () => this.step(0, 1),
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !this.images.length) return;
    event.preventDefault();
    this.values.setAttribute("aria-live", "polite"); // A mouse would have it talk all the time.
    act();
  }

  // Keys move what is seen, where there is more than that, and point at its middle.
  step(x, y) {
    this.move(-x / 10, -y / 10);
    this.pointTo(this.view);
  }

  connectPane(canvas) {
    const at = ({clientX, clientY}) => {
      const box = canvas.getBoundingClientRect();
      return {x: clientX - box.left, y: clientY - box.top, box};
    };
    const share = (event) => {
      const {x, y, box} = at(event);
      return pointAt(this.view, this.picture, box, x, y);
    };
    const on = (name, act) =>
      canvas.addEventListener(name, (event) => this.images.length && act(event));
    on("wheel", (event) => {
      const before = this.view.zoom;
      this.zoom(Math.exp(-event.deltaY / 400), share(event));
      if (this.view.zoom !== before) event.preventDefault(); // else the page scrolls
    });
    on("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      const {x, box} = at(event);
      this.holdsCurtain = this.hasCurtain && Math.abs(x - this.curtain * box.width) < NEAR;
      this.pointers.set(event.pointerId, at(event));
    });
    on("pointermove", (event) => {
      this.values.setAttribute("aria-live", "off");
      if (this.pointers.has(event.pointerId)) this.drag(event.pointerId, at(event));
      this.pointTo(share(event));
    });
    const up = (event) => this.pointers.delete(event.pointerId);
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) on(name, up);
    on("pointerenter", () => { // Space blinks at once, where nobody is typing or using keys.
      if (!document.activeElement.matches(":focus-visible"))
        canvas.closest(".panes").focus({preventScroll: true});
    });
    on("pointerleave", () => this.pointTo({x: -1, y: -1}));
  }

  drag(id, now) {
    const before = this.pointers.get(id);
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    const {box} = now;
    this.pointers.set(id, now);
    if (this.holdsCurtain) {
      this.curtain = Math.min(Math.max(now.x / box.width, 0), 1);
      this.arrange(this.layout);
      return;
    }
    const share = other ? 0.5 : 1; // Of two fingers, the middle between them moves.
    this.move((share * (now.x - before.x)) / box.width, (share * (now.y - before.y)) / box.height);
    if (!other) return;
    const apart = (finger) => Math.hypot(finger.x - other.x, finger.y - other.y);
    const middle = [(now.x + other.x) / 2, (now.y + other.y) / 2];
    const point = pointAt(this.view, this.picture, box, ...middle);
    this.zoom(apart(now) / Math.max(apart(before), 1), point);
  }
}
