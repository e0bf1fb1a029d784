/**
 * One process of the operator in the simulated world: its own way to the ports, which can be stopped as a
 * process can.
 *
 *   kill       nothing that it does from now on reaches anybody, and nothing reaches it
 *   pause      it does nothing until it goes on, while the world does (SIGSTOP)
 *   crashAt    it dies at its next call of a kind: before it is sent, with the answer on its way, or after
 *
 * Invariant: other processes of the same world are not touched.
 */
import type { Clock } from "../base/clock.ts";
import type { World } from "../reconcile/world.ts";
import { type ClockSkew, createClock } from "./clock.ts";
import type { ApiCall } from "./ports/fault.ts";
import type { SimulatedWorld } from "./world.ts";

export type CrashPosition = "not-sent" | "answer-lost" | "answered";
export const CRASH_POSITIONS: readonly CrashPosition[] = ["not-sent", "answer-lost", "answered"];

type Verb = ApiCall["verb"];
type Api = World["api"];

/** Which call of the port is which verb of the API: the list of all sites at which a process may die. */
const METHODS = {
  "read-scale": "readScale",
  "write-scale": "writeScale",
  "resize-pod": "resizePod",
  "read-template": "readTemplate",
  "write-template": "writeTemplate",
  "write-status": "writeStatus",
  emit: "emit",
  "read-lease": "readLease",
  "create-lease": "createLease",
  "update-lease": "updateLease",
} as const satisfies Readonly<Record<Verb, keyof Api>>;

/** Every call of the port that is answered once is in that list; a new one does not compile until it is. */
type Unlisted = Exclude<keyof Api, (typeof METHODS)[Verb] | "watchLease">;
true satisfies [Unlisted] extends [never] ? true : never;

/** Calls that change something: a crash around them leaves something half done. */
export type WriteSite = Exclude<Verb, `read-${string}`>;
export const WRITE_SITES = (Object.keys(METHODS) as Verb[]).filter(
  (verb): verb is WriteSite => !verb.startsWith("read-"),
);

/** Of the calls of one kind, those that are meant. */
export type CallMatch = (args: readonly unknown[]) => boolean;

/** The next call of this kind, of those that match, is a process's last. */
export type CrashPlan = Readonly<{ verb: Verb; position: CrashPosition; matches: CallMatch }>;

const GONE = { kind: "unreachable", message: "the process is gone" } as const;

export class SimulatedProcess {
  readonly world: World;
  /** How wrong its clocks are. */
  readonly skew: ClockSkew;
  #dead = false;
  #paused: PromiseWithResolvers<void> | undefined;
  readonly #crashes: CrashPlan[] = [];
  /** Called once, when it dies. */
  readonly #onDeath: () => void;

  constructor(
    { world, time }: SimulatedWorld,
    onDeath: () => void = () => undefined,
    skew: ClockSkew = { wall: 0, mono: 0 },
  ) {
    this.skew = skew;
    this.#onDeath = onDeath;
    const clock = this.#gatedClock(createClock(time, skew));
    this.world = {
      ...world,
      clock,
      api: this.#gatedApi(world.api),
      kubelets: {
        read: async (node, signal) => this.#afterPause(await world.kubelets.read(node, signal)),
        forget: (node) => world.kubelets.forget(node),
      },
      cluster: {
        follow: (kind, listener, signal) => world.cluster.follow(kind, this.#gatedListener(listener), signal),
      },
    };
  }

  get dead(): boolean {
    return this.#dead;
  }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.resume();
    this.#onDeath();
  }

  pause(): void {
    if (!this.#dead) this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Of several the first that is met counts. */
  crashAt(crash: CrashPlan): void {
    this.#crashes.push(crash);
  }

  async #afterPause<T>(value: T): Promise<T> {
    while (this.#paused !== undefined) await this.#paused.promise;
    return value;
  }

  #gatedClock(clock: Clock): Clock {
    return {
      ...clock,
      sleep: async (duration, signal) => {
        await clock.sleep(duration, signal);
        await this.#afterPause(undefined);
      },
    };
  }

  #gatedListener<L extends Readonly<{ apply: (event: never) => void; hear: () => void }>>(listener: L): L {
    const missed: (() => void)[] = [];
    const deliver = (tell: () => void): void => {
      if (this.#dead) return;
      if (this.#paused === undefined) return tell();
      if (missed.length === 0)
        void this.#paused.promise.then(() => {
          for (const each of missed.splice(0)) each();
        });
      missed.push(tell);
    };
    return {
      ...listener,
      apply: (event: never) => deliver(() => listener.apply(event)),
      hear: () => deliver(() => listener.hear()),
    };
  }

  #gatedApi(api: Api): Api {
    const gated = Object.fromEntries(
      Object.entries(METHODS).map(([verb, method]) => [
        method,
        (...args: unknown[]) => this.#call(verb as Verb, args, () => callOf(api, method)(...args)),
      ]),
    );
    const watchLease: Api["watchLease"] = (changed, signal) =>
      api.watchLease((lease) => {
        if (!this.#dead && this.#paused === undefined) changed(lease);
      }, signal);
    return { ...api, ...gated, watchLease };
  }

  async #call(verb: Verb, args: readonly unknown[], perform: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) return GONE;
    const crash = this.#crashOf(verb, args);
    if (crash === "not-sent") return this.#die();
    const answering = perform();
    if (crash === "answer-lost") {
      await answering;
      return this.#die();
    }
    const answer = await this.#afterPause(await answering);
    if (crash === "answered") return this.#die();
    return this.#dead ? GONE : answer;
  }

  #crashOf(verb: Verb, args: readonly unknown[]): CrashPosition | undefined {
    return this.#crashes.find((crash) => crash.verb === verb && crash.matches(args))?.position;
  }

  #die(): typeof GONE {
    this.kill();
    return GONE;
  }
}

/** One cast for what the compiler cannot see: each method takes what its caller gives it. */
const callOf = (api: Api, method: (typeof METHODS)[Verb]) =>
  api[method].bind(api) as unknown as (...args: unknown[]) => Promise<unknown>;
