/**
 * Who may stay at the door. A connection that has not shown yet that someone known asks through it is worth
 * little: of these only the newest stay, so that a flood of them costs no memory and shuts nobody out.
 *
 * Invariant: at most `unprovenMax` connections are unproven; a proven one is never closed from here.
 */
import type { Socket } from "node:net";

type Address = Pick<Socket, "remoteAddress" | "remotePort">;
type Connection = Address & Pick<Socket, "destroy" | "once">;

export class Doorway {
  readonly #unprovenMax: number;
  /** Oldest first. */
  readonly #unproven = new Map<string, Connection>();

  constructor(unprovenMax: number) {
    this.#unprovenMax = unprovenMax;
  }

  admit(connection: Connection): void {
    const key = keyOf(connection);
    this.#unproven.set(key, connection);
    connection.once("close", () => this.#unproven.delete(key));
    for (const [oldest, socket] of this.#unproven) {
      if (this.#unproven.size <= this.#unprovenMax) break;
      this.#unproven.delete(oldest);
      socket.destroy();
    }
  }

  /** Someone known has asked through it. */
  prove(connection: Address): void {
    this.#unproven.delete(keyOf(connection));
  }

  unprovenCount(): number {
    return this.#unproven.size;
  }
}

/** TLS wraps a connection into another object; its other end stays the same. */
const keyOf = ({ remoteAddress, remotePort }: Address): string => `${remoteAddress} ${remotePort}`;
