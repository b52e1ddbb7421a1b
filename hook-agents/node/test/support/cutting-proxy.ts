import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { onTestFinished } from "vitest";

export interface CuttingProxy {
  readonly url: string;
  /** Answers that were lost so far. */
  readonly cuts: number;
  /**
   * From now on the next `count` answers are lost: the service has given them, the client never gets them.
   * Resolves once the first of them is.
   */
  cut(count: number): Promise<void>;
}

/** A TCP proxy in front of the service that can lose answers. */
export async function startCuttingProxy(servicePort: number): Promise<CuttingProxy> {
  let left = 0;
  let cuts = 0;
  const cutting = new EventEmitter();
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const service = connect(servicePort, "127.0.0.1");
    open.add(client).add(service);
    client.pipe(service);
    service.on("data", (data: Buffer) => {
      if (left === 0) return void client.write(data);
      left -= 1;
      cuts += 1;
      client.destroy();
      service.destroy();
      cutting.emit("cut");
    });
    for (const socket of [client, service]) {
      socket.on("close", () => {
        client.destroy();
        service.destroy();
      });
      // A reset is what a cut looks like from the other side.
      socket.on("error", () => socket.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    async cut(count) {
      left = count;
      await once(cutting, "cut");
    },
  };
}
