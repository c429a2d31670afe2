// Random numbers that are the same each time: a linear congruential generator.

/** Make a function that returns the next number between 0 and 1, neither of them included. */
export function uniformNumbers(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Draw normal numbers, by the formula of Box and Muller. */
export function normalNumbers(count, seed) {
  const next = uniformNumbers(seed);
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
}
