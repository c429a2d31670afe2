// One source over the other, which is moved, turned and scaled until they lie on one another.

import {asStyle, invert, multiply, shift, turnAndScale} from "./matrix.js";

const PAUSE = 250; // milliseconds without a change, until the server hears of it
const COARSE = 10; // So many fine steps are one coarse step.
const [TURN, GROWTH] = [0.1, 0.001]; // One fine step: degrees, and a share of the size.
const CLOSEST = 8;

export class Nudge {
  constructor(element, words, trigger) {
    [this.words, this.trigger] = [words, trigger];
    this.root = element.querySelector(".nudge");
    this.find = (selector) => this.root.querySelector(selector);
    this.pictures = ["fixed", "moving", "edges"].map((name) => this.find(`img.${name}`));
    this.layouts = [...this.root.querySelectorAll(".layouts input")];
    this.coarse = this.find(".coarse input");
    [this.act, this.zoom, this.sent] = [0, 1, null];
    this.arrange("edges");
    this.connect();
    new ResizeObserver(() => this.draw()).observe(this.find(".stage"));
  }

  // Show what the server sent: {pair, act, moving, fixed, edges, names, matrix, said, complaint,
  // transform}, or a complaint alone. What answers an earlier act does not undo a later one.
  take(sent) {
    const isOld = sent?.pair && sent.pair === this.sent?.pair && sent.act && sent.act !== this.act;
    if (isOld) return;
    clearTimeout(this.waiting);
    this.sent = sent?.pair ? sent : null;
    this.find(".said").textContent = sent?.said ?? "";
    this.find(".complaint").textContent = sent?.complaint ?? "";
    this.find(".work").hidden = !this.sent;
    if (!this.sent) return;
    const {fixed, moving, edges, names, matrix, transform} = this.sent;
    for (const [i, {url}] of [fixed.file, moving.file, edges].entries())
      if (this.pictures[i].getAttribute("src") !== url) this.pictures[i].src = url;
    for (const picture of this.pictures.slice(1))
      [picture.style.width, picture.style.height] = [`${moving.width}px`, `${moving.height}px`];
    this.root.style.setProperty("--ratio", fixed.width / fixed.height);
    this.find(".save").href = transform.url;
    this.find(".save").download = transform.path.split("/").pop();
    this.hideSave(false);
    this.names = names;
    this.matrix = matrix;
    this.draw();
  }

  arrange(layout) {
    this.root.dataset.layout = layout;
    for (const input of this.layouts) input.checked = input.value === layout;
  }

  draw() {
    const stage = this.find(".stage");
    if (!this.sent || !stage.clientWidth) return;
    const style = asStyle(invert(this.matrix), stage.clientWidth / this.sent.fixed.width);
    for (const picture of this.pictures.slice(1)) picture.style.transform = style;
  }

  zoomTo(zoom) {
    const frame = this.find(".frame");
    const middle = (side) =>
      (frame[`scroll${side}`] + frame[`client${side === "Left" ? "Width" : "Height"}`] / 2) / this.zoom;
    const [x, y] = [middle("Left"), middle("Top")];
    this.zoom = Math.min(Math.max(zoom, 1), CLOSEST);
    this.root.style.setProperty("--zoom", this.zoom);
    this.draw();
    frame.scrollLeft = x * this.zoom - frame.clientWidth / 2;
    frame.scrollTop = y * this.zoom - frame.clientHeight / 2;
  }

  // The file of a transform is the server's: until it knows a change, there is none to save.
  hideSave(isLate) {
    this.find(".save").style.visibility = isLate ? "hidden" : "";
  }

  // Move what is seen of the moving picture by a matrix of the fixed one's pixels.
  change(by) {
    if (!this.sent) return;
    this.matrix = multiply(this.matrix, invert(by));
    this.draw();
    this.hideSave(true);
    this.act += 1;
    clearTimeout(this.waiting);
    const tell = () => this.trigger("input", {act: this.act, matrix: this.matrix});
    this.waiting = setTimeout(tell, PAUSE);
  }

  turnOrScale(degrees, factor) {
    const {width, height} = this.sent.fixed;
    this.change(turnAndScale(degrees, factor, (width - 1) / 2, (height - 1) / 2));
  }

  undo() {
    clearTimeout(this.waiting);
    this.hideSave(true);
    this.act += 1;
    this.trigger("input", {act: this.act});
  }

  // What keys and buttons do, by a number of fine steps.
  acts(steps) {
    return {
      left: () => this.change(shift(-steps, 0)), right: () => this.change(shift(steps, 0)),
      up: () => this.change(shift(0, -steps)), down: () => this.change(shift(0, steps)),
      "turn-left": () => this.turnOrScale(-steps * TURN, 1),
      "turn-right": () => this.turnOrScale(steps * TURN, 1),
      smaller: () => this.turnOrScale(0, 1 / (1 + steps * GROWTH)),
      larger: () => this.turnOrScale(0, 1 + steps * GROWTH),
    };
  }

  press(event) {
    const names = {
      ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
      "[": "turn-left", "{": "turn-left", "]": "turn-right", "}": "turn-right",
      "-": "smaller", _: "smaller", "+": "larger", "=": "larger",
    };
    const name = names[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || !this.sent) return;
    event.preventDefault();
    const isPlus = event.key === "+"; // which needs Shift on many keyboards
    this.acts(this.coarse.checked || (event.shiftKey && !isPlus) ? COARSE : 1)[name]();
  }

  connect() {
    const on = (selector, event, act) => this.find(selector).addEventListener(event, act);
    for (const input of this.layouts)
      input.addEventListener("change", () => this.arrange(input.value));
    for (const name of Object.keys(this.acts(1))) {
      const steps = (event) => (this.coarse.checked || event.shiftKey ? COARSE : 1);
      on(`[name=${name}]`, "click", (event) => this.acts(steps(event))[name]());
    }
    on("[name=closer]", "click", () => this.zoomTo(2 * this.zoom));
    on("[name=farther]", "click", () => this.zoomTo(this.zoom / 2));
    on("[name=undo]", "click", () => this.undo());
    on(".frame", "keydown", (event) => this.press(event));
  }
}
