import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { Doorway } from "../../../src/serve/secure/doorway.ts";

/** As much of a socket as a door sees. */
function aConnection(remotePort: number) {
  const events = new EventEmitter();
  const connection = {
    remoteAddress: "10.0.0.1",
    remotePort,
    destroyed: false,
    once: (name: string, listener: () => void) => events.once(name, listener),
    destroy() {
      connection.destroyed = true;
      events.emit("close");
    },
  };
  return connection;
}

function door(max: number) {
  const doorway = new Doorway(max);
  const admit = (port: number) => {
    const connection = aConnection(port);
    doorway.admit(connection as unknown as Parameters<Doorway["admit"]>[0]);
    return connection;
  };
  return { doorway, admit };
}

test("of unproven connections the newest stay", () => {
  const { doorway, admit } = door(3);
  const connections = [1, 2, 3, 4, 5].map(admit);
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false, false]);
  expect(doorway.unprovenCount()).toBe(3);
});

test("a proven one stays, however many come", () => {
  const { doorway, admit } = door(3);
  const proven = admit(1);
  doorway.prove({ remoteAddress: "10.0.0.1", remotePort: 1 });
  for (let port = 2; port < 100; port++) admit(port);
  expect(proven.destroyed).toBe(false);
  expect(doorway.unprovenCount()).toBe(3);
});

test("one that has closed takes no place", () => {
  const { doorway, admit } = door(2);
  const [first, second] = [admit(1), admit(2)];
  first.destroy();
  admit(3);
  expect(second.destroyed).toBe(false);
  expect(doorway.unprovenCount()).toBe(2);
});
