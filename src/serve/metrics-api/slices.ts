/**
 * A long JSON object as slices of a few items each, so that others get their turn between them.
 *
 *   {"kind":"PodMetricsList",…,"items":[   item,item,…   ,item,…   ]}
 */

export type Sliced<Item> = Readonly<{
  /** What comes before the items. */
  head: Readonly<Record<string, unknown>>;
  /** The whole answer when there are none; without it, an empty array. */
  whenEmpty?: Readonly<Record<string, unknown>>;
  field: string;
  items: Iterable<Item>;
  render(item: Item): unknown;
}>;

/** About a millisecond's work. They are made text at once: what grows piece by piece leaves more garbage. */
const ITEMS_PER_SLICE = 100;

export function* slicesOf<Item>({ head, whenEmpty, field, items, render }: Sliced<Item>): Generator<string> {
  const opening = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(field)}:[`;
  let before = opening;
  let batch: unknown[] = [];
  for (const item of items) {
    if (batch.push(render(item)) < ITEMS_PER_SLICE) continue;
    yield before + inside(batch);
    before = ",";
    batch = [];
  }
  if (batch.length > 0) yield `${before}${inside(batch)}]}\n`;
  else if (before === opening) yield `${JSON.stringify(whenEmpty ?? { ...head, [field]: [] })}\n`;
  else yield "]}\n";
}

/** An array's JSON without its brackets. */
const inside = (batch: readonly unknown[]): string => JSON.stringify(batch).slice(1, -1);
