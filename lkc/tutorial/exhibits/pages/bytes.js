// Numbers that Python packed as letters: base64 with - and _ for + and the slash.

function readBytes(letters) {
  const plain = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** Read gray levels, one byte each. */
export const readPicture = (letters) => Float32Array.from(readBytes(letters));

/** Read bfloat16, which is the upper half of a float32. */
export function readWeights(letters) {
  const halves = new Uint16Array(readBytes(letters).buffer);
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
