// Read a file of weights (.safetensors): sizes, places and types as JSON, and then the numbers.

/** A half-precision number from its 16 bits. */
function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
}

/** Bytes of a file -> {name: {shape, values}}, the values in float32. */
export function readWeights(bytes) {
  const view = new DataView(bytes);
  const start = 8 + Number(view.getBigUint64(0, true));
  const entries = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, start - 8)));
  delete entries.__metadata__;
  const read = ({ dtype, shape, data_offsets: [from, to] }) => {
    const data = bytes.slice(start + from, start + to);
    if (dtype === "F32") return { shape, values: new Float32Array(data) };
    if (dtype === "F16") return { shape, values: Float32Array.from(new Uint16Array(data), halfToNumber) };
    throw new Error(`weights of type ${dtype}`);
  };
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, read(entry)]));
}

/** A kernel (outputs, inputs, height, width) with its outputs innermost, as kernels/ reads it. */
export function outputsInnermost({ shape: [outs, ...rest], values }) {
  const [ins, height, width] = [...rest, 1, 1, 1];
  const turned = new Float32Array(values.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < ins; i++) {
        for (let o = 0; o < outs; o++) turned[to++] = values[((o * ins + i) * height + y) * width + x];
      }
    }
  }
  return turned;
}
