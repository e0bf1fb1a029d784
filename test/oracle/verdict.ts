/** What a comparison with upstream comes to. */
export type Verdict =
  /** `invalid`: both refuse. `rounding` names how our exact arithmetic departs from upstream's float64. */
  | Readonly<{ kind: "equal"; invalid: boolean; rounding: string | undefined }>
  | Readonly<{ kind: "named"; name: string }>
  | Readonly<{ kind: "different"; ours: string }>;

export const equal = (invalid: boolean, rounding?: string): Verdict => ({ kind: "equal", invalid, rounding });
