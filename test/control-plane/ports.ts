/**
 * Free ports on 127.0.0.1, taken below the range that outgoing connections use, so that nobody gets one by accident
 * between our look and the program's bind. Two runs that still meet are told by the program, and start again.
 */
import { createServer } from "node:net";

const LOWEST = 18_000;
const HIGHEST = 32_000;
const TRIES = 200;

export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count && tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) found.add(port);
  }
  if (found.size < count) throw new Error(`found no ${count} free ports between ${LOWEST} and ${HIGHEST}`);
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once("error", () => settle(false));
    server.listen(port, "127.0.0.1", () => server.close(() => settle(true)));
  });
}
