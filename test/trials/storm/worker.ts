/** Plays its share of the seeds, one after the other, and sends what came of each. */
import { runStorm } from "./storm.ts";
import { drawWeather } from "./weather.ts";

const [hours = 1, first = 1, until = 1, step = 1] = process.argv.slice(2).map(Number);

for (let seed = first; seed < until; seed += step)
  process.send?.(await runStorm(drawWeather(seed, { hours })));
process.disconnect();
