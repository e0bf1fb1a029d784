/**
 * An object as somebody wrote it, read field by field, so that what nobody read can be told.
 *
 * Invariant: every field that was written has been taken exactly once, or is in `untaken()`: nothing that
 * somebody wrote is dropped in silence.
 */

/** A field with its path, such as `spec.metrics[0].external`, and what was written there. */
export type WrittenField = Readonly<{ path: string; value: unknown }>;

export class Fields {
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #taken = new Set<string>();
  readonly #inner: Fields[] = [];

  constructor(path: string, value: unknown) {
    this.path = path;
    this.#values = isRecord(value) ? value : {};
  }

  /** The value as it was written, undefined when absent or null; it counts as dealt with from now on. */
  take(key: string): unknown {
    this.#taken.add(key);
    return this.#values[key] ?? undefined;
  }

  /** As `take`, where only text is of use; anything else stays untaken. */
  text(key: string): string | undefined {
    return typeof this.#values[key] === "string" ? (this.take(key) as string) : undefined;
  }

  /** A number, also where it was written as text, as KEDA's metadata are. */
  number(key: string): number | undefined {
    const value = this.#values[key];
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
    this.#taken.add(key);
    return number;
  }

  /** The object at `key`, to be read in its turn; an empty one where there is none. */
  object(key: string): Fields {
    const value = this.#values[key];
    if (!isRecord(value) && value !== undefined && value !== null) return new Fields(this.#at(key), {});
    this.#taken.add(key);
    return this.#add(new Fields(this.#at(key), value));
  }

  /** The objects of the list at `key`, each to be read in its turn. */
  list(key: string): readonly Fields[] {
    const value = this.#values[key];
    if (!Array.isArray(value) || !value.every(isRecord)) return [];
    this.#taken.add(key);
    return value.map((entry, at) => this.#add(new Fields(`${this.#at(key)}[${at}]`, entry)));
  }

  has(key: string): boolean {
    return (this.#values[key] ?? undefined) !== undefined;
  }

  /** All that was written here, without taking it. */
  entries(): readonly (readonly [key: string, value: unknown])[] {
    return Object.entries(this.#values);
  }

  /** What was written and never taken, outermost first. */
  untaken(): readonly WrittenField[] {
    const own = Object.entries(this.#values)
      .filter(([key, value]) => !this.#taken.has(key) && value !== undefined && value !== null)
      .map(([key, value]) => ({ path: this.#at(key), value }));
    return [...own, ...this.#inner.flatMap((fields) => fields.untaken())];
  }

  #at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  #add(fields: Fields): Fields {
    this.#inner.push(fields);
    return fields;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
