// Norms as `lkc.model.norm` defines them: one formula, and sets of maps that share their statistics.
// A batch is a list of maps, sample after sample, channel after channel; each is a list of numbers.

/** Number the maps of a batch by the set whose mean and variance they share. */
export function indexSets(norm, samples, channels, groupSize) {
  const rules = {
    batch: (n, c) => c,
    layer: (n) => n,
    instance: (n, c) => n * channels + c,
    group: (n, c) => n * (channels / groupSize) + Math.floor(c / groupSize),
  };
  const sets = [];
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) sets.push(rules[norm](n, c));
  }
  return sets;
}

/** Sum up the values of some maps, and their squared distances from the mean. */
export function statisticsOf(maps) {
  let count = 0, sum = 0, squares = 0;
  for (const map of maps) {
    count += map.length;
    for (const value of map) sum += value;
  }
  const mean = sum / count;
  for (const map of maps) for (const value of map) squares += (value - mean) ** 2;
  return { count, sum, mean, squares, variance: squares / count };
}

/** The statistics of every set, by its number. */
export function statisticsBySet(maps, sets) {
  const members = new Map();
  sets.forEach((set, i) => members.set(set, [...(members.get(set) ?? []), maps[i]]));
  return new Map([...members].map(([set, own]) => [set, statisticsOf(own)]));
}

/** Subtract the mean of its set from each map, and divide by the set's standard deviation. */
export function normalize(maps, sets, eps) {
  const statistics = statisticsBySet(maps, sets);
  return maps.map((map, i) => {
    const { mean, variance } = statistics.get(sets[i]);
    const scale = 1 / Math.sqrt(variance + eps);
    return map.map((value) => (value - mean) * scale);
  });
}
