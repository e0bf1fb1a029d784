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
  let [count, slice] = [0, ""];
  for (const item of items) {
    slice += `${count === 0 ? opening : ","}${render(item)}`;
    if (++count % ITEMS_PER_SLICE > 0) continue;
    yield slice;
    slice = "";
  }
  if (count === 0) yield `${JSON.stringify(whenEmpty ?? { ...head, [field]: [] })}\n`;
  else yield `${slice}]}\n`;
}
