/** Plays its share of the seeds, one after the other, and sends what came of each. */
import { runStorm } from "./storm.ts";
import { drawWeather } from "./weather.ts";

const [hours = 1, first = 1, until = 1, step = 1] = process.argv.slice(2).map(Number);

/** A process that has just begun holds what it will let go of: a day goes by before a heap is measured. */
const DAY = 24;
if (hours > DAY) await runStorm(drawWeather(first, { hours: DAY }));

for (let seed = first; seed < until; seed += step)
  process.send?.(await runStorm(drawWeather(seed, { hours })));
process.disconnect();
