/**
 * The connections to the API server: one pool for everything, and a small one for the lease. Kept open
 * between requests, HTTP/1.1 only (an HTTP/2 session that goes away can leave requests hanging), and made
 * anew when the certificates change; what still runs on old connections may finish there.
 *
 * Invariant: a pool uses exactly the TLS material that was asked for last.
 */
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { seconds } from "../../base/units.ts";
import type { TlsMaterial } from "./connection/credentials.ts";

export type Lane = "shared" | "lease";

/** A request, and what is done when it has a connection and is about to leave: the signal may abort then. */
export type Departure = Dispatcher.RequestOptions & Readonly<{ onLeave: () => void }>;

/**
 * Each watch holds a connection of its own; the rest serve requests. The lease needs a watch and a request.
 */
const CONNECTIONS_MAX: Readonly<Record<Lane, number>> = { shared: 32, lease: 3 };
/** kube-apiserver closes what was idle for 90 s; we let go first. */
const KEEP_IDLE_FOR = seconds(80);
const CONNECT_WITHIN = seconds(10);
/** Load balancers forget a silent connection after a minute. */
const PROBE_SILENCE_AFTER = seconds(30);

export class Lanes {
  readonly #proxy: string | undefined;
  readonly #pools = new Map<Lane, Readonly<{ tls: TlsMaterial | undefined; dispatcher: Dispatcher }>>();
  readonly #retired = new Set<Dispatcher>();

  constructor(proxy: string | undefined) {
    this.#proxy = proxy;
  }

  pool(lane: Lane, tls: TlsMaterial | undefined): Dispatcher {
    const known = this.#pools.get(lane);
    if (known !== undefined && known.tls === tls) return known.dispatcher;
    if (known !== undefined) this.#retire(known.dispatcher);
    const dispatcher = this.#open(lane, tls);
    this.#pools.set(lane, { tls, dispatcher });
    return dispatcher;
  }

  /** Breaks off whatever is still on its way. */
  async close(): Promise<void> {
    const all = [...[...this.#pools.values()].map(({ dispatcher }) => dispatcher), ...this.#retired];
    this.#pools.clear();
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }

  #open(lane: Lane, tls: TlsMaterial | undefined): Dispatcher {
    const connect = {
      ...(tls && { secureContext: tls.secureContext, rejectUnauthorized: tls.rejectUnauthorized }),
      ...(tls?.servername !== undefined && { servername: tls.servername }),
      allowH2: false,
      timeout: CONNECT_WITHIN,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_SILENCE_AFTER,
    };
    const options = {
      allowH2: false,
      connections: CONNECTIONS_MAX[lane],
      keepAliveTimeout: KEEP_IDLE_FOR,
      // The transport sets its own limits, which cover connecting and waiting for a connection too.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    if (this.#proxy === undefined) return new Agent({ ...options, connect }).compose(lookingWhenLeaving);
    const proxyTls = {
      timeout: CONNECT_WITHIN,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_SILENCE_AFTER,
    };
    return new ProxyAgent({ ...options, uri: this.#proxy, requestTls: connect, proxyTls }).compose(
      lookingWhenLeaving,
    );
  }

  #retire(dispatcher: Dispatcher): void {
    this.#retired.add(dispatcher);
    const forget = (): void => void this.#retired.delete(dispatcher);
    dispatcher.close().then(forget, forget);
  }
}

/** A request may have waited for its connection, in a queue that its signal does not reach. */
const lookingWhenLeaving: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { onLeave } = options as Partial<Departure>;
  const begin = handler.onRequestStart?.bind(handler);
  handler.onRequestStart = (controller, context) => {
    onLeave?.();
    begin?.(controller, context);
  };
  return dispatch(options, handler);
};
