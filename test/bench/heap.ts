/** What a process of its own holds: probes run with --expose-gc. */

/** Heap and array buffers, after collection; what is swept in the background is waited for. */
export async function heldBytes(): Promise<number> {
  for (let time = 0; time < 5; time++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
