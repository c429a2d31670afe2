// The window of one source: a histogram of its values, with what becomes black and what white.

const BY_HAND = "by hand";
const PAUSE = 250; // milliseconds without a change, until the server hears of it

export class Window {
  constructor(element, words, trigger) {
    [this.words, this.trigger] = [words, trigger];
    this.root = element.querySelector(".window");
    this.choice = this.root.querySelector("select");
    this.ends = [...this.root.querySelectorAll("input")]; // of black and of white
    this.canvas = this.root.querySelector("canvas");
    this.complaint = this.root.querySelector(".complaint");
    this.connect();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  // Show what the server sent: {file, name, counts, ends, limits, unit, choices, chosen,
  // colours, complaint}. What answers an earlier choice does not undo a later one of the same file.
  take(sent) {
    const isOld = this.wanted && sent?.file === this.sent?.file && sent?.chosen !== this.wanted;
    if (isOld && !sent?.complaint) return;
    clearTimeout(this.waiting);
    [this.sent, this.wanted] = [sent || null, null];
    if (!this.sent) return;
    const {name, ends, limits, unit, choices, chosen, complaint} = this.sent;
    this.root.setAttribute("aria-label", `${name}: ${this.words.title}`);
    this.root.querySelector("legend").textContent = `${name}: ${this.words.title}`;
    for (const place of this.root.querySelectorAll(".unit")) place.textContent = unit;
    this.choice.replaceChildren(...choices.map((text) => new Option(text)),
      new Option(this.words.by_hand, BY_HAND));
    this.choice.value = choices.includes(chosen) ? chosen : BY_HAND;
    const step = 10 ** Math.floor(Math.log10((ends[1] - ends[0]) / 50));
    for (const [i, input] of this.ends.entries()) {
      input.step = step;
      input.value = Number(limits[i].toPrecision(6));
    }
    this.complaint.textContent = complaint ?? "";
    this.draw();
  }

  get limits() {
    return this.ends.map((input) => input.valueAsNumber);
  }

  // Where a value lies across the histogram, in shares; what lies beyond is at its edge.
  across(value) {
    const [low, high] = this.sent.ends;
    return Math.min(Math.max((value - low) / (high - low), 0), 1);
  }

  draw() {
    if (!this.sent || !this.canvas.clientWidth) return;
    const {canvas} = this;
    [canvas.width, canvas.height] = [canvas.clientWidth, canvas.clientHeight]
      .map((side) => Math.round(side * window.devicePixelRatio));
    const {width, height} = canvas;
    const context = canvas.getContext("2d");
    const [low, high] = this.limits.map((value) => this.across(value) * width);
    const style = getComputedStyle(canvas);
    const ramp = context.createLinearGradient(low, 0, Math.max(high, low + 1), 0);
    const {colours, counts} = this.sent;
    for (const [i, colour] of colours.entries()) ramp.addColorStop(i / (colours.length - 1), colour);
    context.fillStyle = ramp;
    context.fillRect(0, height * 0.85, width, height * 0.15);
    const tallest = Math.sqrt(Math.max(...counts, 1)); // roots, so that small groups are seen
    for (const [i, count] of counts.entries()) {
      const [left, right] = [i, i + 1].map((edge) => (edge / counts.length) * width);
      const inside = right > low && left < high;
      context.globalAlpha = inside ? 1 : 0.35;
      context.fillStyle = style.color;
      const tall = (Math.sqrt(count) / tallest) * height * 0.8;
      context.fillRect(left, height * 0.83 - tall, Math.max(right - left - 1, 1), tall);
    }
    context.globalAlpha = 1;
    context.fillStyle = style.accentColor;
    for (const x of [low, high])
      context.fillRect(Math.min(Math.max(x - 2, 0), width - 4), 0, 4, height);
  }

  // Tell the server, once it is quiet, what is to be shown.
  choose(words) {
    clearTimeout(this.waiting);
    this.wanted = words;
    this.waiting = setTimeout(() => this.trigger("input", {words}), PAUSE);
  }

  chooseByHand() {
    const [low, high] = this.limits;
    this.choice.value = BY_HAND;
    this.draw();
    this.complaint.textContent = low < high ? "" : this.words.must_rise;
    if (low < high) this.choose(`${low},${high}`);
    else clearTimeout(this.waiting);
  }

  connect() {
    this.choice.addEventListener("change", () => {
      if (this.choice.value !== BY_HAND) this.choose(this.choice.value);
    });
    for (const input of this.ends) input.addEventListener("input", () => this.chooseByHand());
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      const away = this.limits.map((v) => Math.abs(this.across(v) - this.shareAt(event)));
      this.held = this.ends[away[1] < away[0] ? 1 : 0];
      this.dragTo(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.dragTo(event));
    for (const name of ["pointerup", "pointercancel"])
      this.canvas.addEventListener(name, () => { this.held = null; });
  }

  shareAt({clientX}) {
    const {left, width} = this.canvas.getBoundingClientRect();
    return Math.min(Math.max((clientX - left) / width, 0), 1);
  }

  dragTo(event) {
    if (!this.held) return;
    const [low, high] = this.sent.ends;
    const step = Number(this.held.step);
    const value = Math.round((low + this.shareAt(event) * (high - low)) / step) * step;
    this.held.value = Number(value.toPrecision(8));
    this.chooseByHand();
  }
}
