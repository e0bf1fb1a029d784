/**
 * A door before a TCP port: what goes through it is not looked at, and it can be shut.
 *
 * Invariant: while it is shut nothing passes, and nobody hears why.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Door = Readonly<{
  port: number;
  /** Cuts whoever is inside, and refuses whoever comes until it is opened again. */
  shut(): void;
  open(): void;
  close(): void;
}>;

export async function startDoor(behind: number): Promise<Door> {
  const inside = new Set<Socket>();
  let isOpen = true;
  const server = createServer((visitor) => {
    if (!isOpen) return void visitor.destroy();
    const host = connect(behind, "127.0.0.1");
    join(visitor, host, inside);
    join(host, visitor, inside);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const cut = (): void => {
    for (const socket of inside) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isOpen = false;
      cut();
    },
    open: () => void (isOpen = true),
    close() {
      server.close();
      cut();
    },
  };
}

/** One direction; the end of one side is the end of both. */
function join(from: Socket, to: Socket, inside: Set<Socket>): void {
  inside.add(from);
  from.setNoDelay(true);
  from.pipe(to);
  from.on("error", () => undefined); // its close follows
  from.on("close", () => {
    inside.delete(from);
    to.destroy();
  });
}
