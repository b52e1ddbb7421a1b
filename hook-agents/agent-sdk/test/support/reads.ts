import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

export interface CountingProxy {
  readonly url: string;
  /** Entries that were read through it. */
  entriesRead(): number;
}

/** In front of the service, counting the lines of every answer that holds entries. */
export async function startCountingProxy(servicePort: number): Promise<CountingProxy> {
  let lines = 0;
  const server = createServer((req, res) => {
    const { method, headers, url } = req;
    const counts = method === "GET" && url?.includes("/entries");
    const forward = request({ port: servicePort, method, headers, path: url }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("data", (piece: Buffer) => {
        if (counts) lines += piece.toString("latin1").split("\n").length - 1;
      });
      answer.pipe(res);
    });
    forward.on("error", () => res.destroy());
    req.pipe(forward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entriesRead: () => lines,
  };
}
