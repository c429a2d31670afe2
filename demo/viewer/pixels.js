// Pictures as they are drawn, and the values behind a pixel: as shown, or the file's own.

// Load a picture with its pixels as stored, whatever colour profile it names.
export async function load({url}) {
  const answer = await fetch(url);
  const bitmap = await createImageBitmap(await answer.blob(), {colorSpaceConversion: "none"});
  return {url, bitmap};
}

const pixel = new OffscreenCanvas(1, 1).getContext("2d", {
  alpha: false, willReadFrequently: true,
});

// Red, green and blue of a pixel, or one value where it is gray.
export function shownValues(bitmap, x, y) {
  pixel.drawImage(bitmap, x, y, 1, 1, 0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return red === green && green === blue ? [red] : [red, green, blue];
}

const TYPES = {uint16: Uint16Array, float32: Float32Array};

// The file's own values of a pixel. They lie row by row in a file of the server, of which only
// the row is fetched: {url, type, channels}; `rows` keeps what was fetched.
export async function ownValues({url, type, channels}, width, x, y, rows) {
  const key = `${url} ${y}`;
  if (!rows.has(key)) rows.set(key, fetchRow(url, TYPES[type], channels * width, y));
  const row = await rows.get(key);
  return [...row.slice(x * channels, (x + 1) * channels)];
}

async function fetchRow(url, Type, count, y) {
  const size = count * Type.BYTES_PER_ELEMENT;
  const bytes = `bytes=${y * size}-${(y + 1) * size - 1}`;
  const answer = await fetch(url, {headers: {Range: bytes}});
  if (answer.status !== 206) throw new Error("the values are no longer there");
  return new Type(await answer.arrayBuffer());
}
