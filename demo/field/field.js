// The field of the fused pixel under the pointer, drawn over both sources.

const FUSED = "#inside-fused"; // The pointer may be over the fused image as well.
const DARKER = 0.8; // of the sources, so that colours stand out
const LOST = 1000; // milliseconds after which an answer is expected no more
const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

export class Field {
  constructor(element, words, trigger) {
    [this.words, this.trigger] = [words, trigger];
    this.root = element.querySelector(".field");
    this.stage = this.root.querySelector(".sources-seen");
    this.canvases = [...this.root.querySelectorAll("canvas")];
    this.output = this.root.querySelector("output");
    [this.turn, this.pictures] = [0, new Map()];
    this.connect();
  }

  // Show what the server sent, or nothing: {pair, files, names, size: [height, width], step, live,
  // window, tile, maps, places: [{row, column, sides, said}, ...]}. `maps` is one picture: a row of
  // two tiles for each place, which show a window of so many pixels around it.
  async take(sent) {
    const turn = (this.turn += 1);
    if (sent?.pair !== this.sent?.pair) this.pictures.clear();
    if (!sent || !sent.live || sent.pair !== this.sent?.pair) [this.sent, this.at] = [null, null];
    let loaded;
    try {
      loaded = sent && await Promise.all([...sent.files.map(({url}) => this.load(url)),
        sent.maps && load(sent.maps)]);
    } catch {
      return; // The files are no longer there, as the first tab will say.
    }
    if (turn !== this.turn) return; // Something else was sent meanwhile.
    [this.sent, this.asked] = [sent || null, 0];
    [this.sources, this.maps] = [loaded?.slice(0, 2), loaded?.[2]];
    if (sent?.live && sent.places.length) this.at = sent.places[0];
    this.draw();
    if (this.next) this.pointTo(this.next);
  }

  load(url) {
    if (!this.pictures.has(url)) this.pictures.set(url, load(url));
    return this.pictures.get(url);
  }

  // Show the field of a pixel, or of the nearest place whose field is known.
  pointTo(pixel) {
    if (!this.sent) return;
    this.next = null;
    const {size, live, places} = this.sent;
    const [row, column] = [pixel.row, pixel.column]
      .map((value, i) => Math.min(Math.max(Math.round(value), 0), size[i] - 1));
    if (live) {
      if (row === this.at?.row && column === this.at.column) return;
      if (this.asked && performance.now() - this.asked < LOST) {
        this.next = {row, column}; // once the answer is there
        return;
      }
      this.asked = performance.now();
      this.trigger("input", {pair: this.sent.pair, row, column});
      return;
    }
    const away = (place) => Math.hypot(place.row - row, place.column - column);
    const nearest = places.reduce((a, b) => (!a || away(b) < away(a) ? b : a), null);
    if (nearest === this.at) return;
    this.at = nearest;
    this.draw();
  }

  draw() {
    for (const [i, canvas] of this.canvases.entries()) {
      canvas.width = canvas.height = 0;
      const name = this.sent?.names[i] ?? "";
      if (name) canvas.setAttribute("role", "img"); // an empty canvas is no picture without a name
      else canvas.removeAttribute("role");
      canvas.setAttribute("aria-label", name);
      canvas.nextElementSibling.textContent = name;
      if (this.sent) this.drawSource(canvas, i);
    }
    const {waiting, none} = this.words;
    const isReady = this.sent && (this.sent.live || this.sent.places.length);
    this.output.textContent = this.at?.said ?? (isReady ? none : waiting);
  }

  drawSource(canvas, i) {
    const {size, window, tile, places, live} = this.sent;
    [canvas.height, canvas.width] = size;
    const context = canvas.getContext("2d");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalAlpha = this.at ? DARKER : 1;
    context.drawImage(this.sources[i], 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
    if (!this.at) return;
    const {row, column, sides} = this.at;
    const number = live ? 0 : places.indexOf(this.at);
    context.drawImage(this.maps, i * tile, number * tile, tile, tile,
      column - window / 2, row - window / 2, window, window);
    context.strokeStyle = "white";
    context.lineWidth = Math.max(1, canvas.width / canvas.clientWidth);
    for (const side of sides)
      context.strokeRect(column + 0.5 - side / 2, row + 0.5 - side / 2, side, side);
  }

  // Row and column of a picture's pixel under the pointer.
  pixelAt(picture, {clientX, clientY}) {
    const {left, top, width, height} = picture.getBoundingClientRect();
    const [rows, columns] = this.sent.size;
    return {row: ((clientY - top) / height) * rows - 0.5,
      column: ((clientX - left) / width) * columns - 0.5};
  }

  press(event) {
    if (!this.sent || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (!step && (event.key !== "Enter" || !this.at)) return;
    event.preventDefault();
    this.output.setAttribute("aria-live", "polite"); // A mouse would have it talk all the time.
    if (!step) return this.choose(this.at);
    const {size, step: far} = this.sent;
    const from = this.at ?? {row: size[0] / 2, column: size[1] / 2};
    this.pointTo({row: from.row + step[0] * far[0], column: from.column + step[1] * far[1]});
  }

  // Ask for all that there is to say of one pixel.
  choose({row, column}) {
    const [height, width] = this.sent.size;
    const within = (value, size) => Math.min(Math.max(Math.round(value), 0), size - 1);
    this.trigger("release", {pair: this.sent.pair, row: within(row, height),
      column: within(column, width)});
  }

  connect() {
    document.addEventListener("pointermove", (event) => {
      if (!this.sent) return;
      const own = this.canvases.find((canvas) => canvas === event.target);
      const picture = own ?? event.target.closest?.(FUSED)?.querySelector("img");
      if (!picture) return;
      this.output.setAttribute("aria-live", "off");
      this.pointTo(this.pixelAt(picture, event));
    });
    this.stage.addEventListener("click", (event) => {
      const isPicture = this.sent && this.canvases.includes(event.target);
      if (isPicture) this.choose(this.pixelAt(event.target, event));
    });
    this.stage.addEventListener("keydown", (event) => this.press(event));
  }
}

async function load(url) {
  const picture = Object.assign(new Image(), {src: url});
  await picture.decode();
  return picture;
}
