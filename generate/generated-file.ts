/** What a generator offers: a path, and the text that belongs there. */
export type GeneratedFile = Readonly<{
  /** From the root of the repository. */
  path: string;
  /** The whole text, the same at every run. */
  render: () => string;
}>;
