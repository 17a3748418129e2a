/** An HTTP server behind a port of its own, for tests. */

import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { type HttpOptions, HttpServer } from "../../src/http/http_server.ts";

/** A server that listens. */
export interface TestDoor {
  readonly port: number;
  readonly http: HttpServer;
  close(): void;
}

/** Listens on a free port. */
export async function httpDoor(
  options: HttpOptions & { readonly isLocal: boolean },
): Promise<TestDoor> {
  const { isLocal } = options;
  const http = new HttpServer(options);
  const server = createServer((socket) => {
    http.take(socket, { address: socket.remoteAddress ?? "", isLocal });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    http,
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      http.close();
    },
  };
}
