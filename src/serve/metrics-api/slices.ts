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
  /** As JSON. */
  render(item: Item): string;
}>;

/** About a millisecond's work. */
const ITEMS_PER_SLICE = 100;

export function* slicesOf<Item>({ head, whenEmpty, field, items, render }: Sliced<Item>): Generator<string> {
  const opening = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(field)}:[`;
  let before = opening;
  let batch: string[] = [];
  for (const item of items) {
    if (batch.push(render(item)) < ITEMS_PER_SLICE) continue;
    yield before + batch.join(",");
    before = ",";
    batch = [];
  }
  if (batch.length > 0) yield `${before}${batch.join(",")}]}\n`;
  else if (before === opening) yield `${JSON.stringify(whenEmpty ?? { ...head, [field]: [] })}\n`;
  else yield "]}\n";
}
