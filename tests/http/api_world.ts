/**
 * The API over real HTTP, before a broker with a virtual clock whose clients
 * have no sockets: so a test has thousands of them at once.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import {
  aclDiskAt,
  bansFileAt,
  userFileAt,
} from "../../src/cli/file_changes.ts";
import type { Hooks, PublishInfo } from "../../src/broker/hooks.ts";
import { readingsOf } from "../../src/broker/readings.ts";
import { Access } from "../../src/http/access.ts";
import type { ApiHost } from "../../src/http/api_host.ts";
import { apiOf } from "../../src/http/handlers.ts";
import { LogRing } from "../../src/http/log_ring.ts";
import {
  TestBroker,
  type TestBrokerOptions,
  type TestClient,
} from "../support/test_broker.ts";
import { connect, type ConnectFields, subscribe } from "../support/wire.ts";
import { httpDoor, type TestDoor } from "./http_door.ts";

export const SECRET = "0123456789abcdef";

/** What a request came to. */
export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into it
  body: any;
}

/** A broker and its API. */
export class ApiWorld {
  readonly broker: TestBroker;
  readonly logs = new LogRing();
  readonly hooks: Hooks = {};
  readonly faults: unknown[] = [];
  readonly host: ApiHost;
  server!: TestDoor;
  readonly folder: string;
  reloads = 0;
  reloadFault: string | undefined;

  constructor(folder: string, options: TestBrokerOptions = {}) {
    this.folder = folder;
    this.broker = new TestBroker({ ...options, hooks: this.hooks });
    this.host = this.#host();
  }

  get port(): number {
    return this.server.port;
  }

  /** Asks with the secret, for `/api/v1` and what follows. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${SECRET}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return {
      status: answer.status,
      headers: answer.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  /** A client that is connected, with subscriptions. */
  client(fields: ConnectFields, ...filters: string[]): TestClient {
    const client = this.broker.open();
    client.send(connect(fields));
    for (const [at, filter] of filters.entries()) {
      client.send(subscribe(at + 1, [filter, 1]));
    }
    client.bytes();
    return client;
  }

  #host(): ApiHost {
    const { broker, hooks } = this;
    const { core } = broker;
    const setClock = () => void (core.nowMs = broker.nowMs);
    const takeOver = () => {
      this.reloads++;
      return Promise.resolve(this.reloadFault);
    };
    return {
      core,
      access: new Access(SECRET),
      logs: this.logs,
      runtime: "Test 1.0",
      users: userFileAt(`${this.folder}/users`, takeOver),
      acl: aclDiskAt(`${this.folder}/acl`, takeOver),
      keepBans: bansFileAt(`${this.folder}/bans.json`, core),
      turn: (run) => {
        setClock();
        run();
        core.endTurn();
      },
      setClock,
      readings: () => readingsOf(core, { doors: {}, memoryBytes: 1e6 }),
      listeners: () => [{
        name: "mqtts://0.0.0.0:8883",
        address: "0.0.0.0:8883",
        transport: "mqtts",
        connectionsMax: undefined,
        isAnonymous: true,
        certificate: { subject: "CN=broker", notAfterMs: 4e12 },
        warnings: [{ code: "anonymous_public", message: "everybody" }],
      }],
      store: () => Promise.resolve({ kind: "memory", path: null, bytes: null }),
      settings: () => [{
        name: "port",
        value: 1883,
        initial: "1883",
        origin: "default",
        isDefault: true,
      }],
      insist: (event, message, fields) =>
        this.logs.add({ timeMs: 0, level: "info", event, message, fields }),
      ...hookSetters(hooks),
      reload: async () => {
        const fault = await takeOver();
        return {
          isReloaded: fault === undefined,
          message: fault ?? "all files are read again",
          files: 2,
        };
      },
    };
  }
}

function hookSetters(hooks: Hooks) {
  return {
    onConnect: (run: (clientId: string) => void) => {
      hooks.onConnect = ({ clientId }) => run(clientId);
      return () => void delete hooks.onConnect;
    },
    onDisconnect: (run: (clientId: string, reason: string) => void) => {
      hooks.onDisconnect = ({ clientId }, reason) => run(clientId, reason);
      return () => void delete hooks.onDisconnect;
    },
    onPublish: (run: (message: PublishInfo) => void) => {
      hooks.onPublish = run;
      return () => void delete hooks.onPublish;
    },
  };
}

/** Runs `run` with a broker and its API. */
export async function withApi(
  run: (world: ApiWorld) => Promise<void>,
  options: TestBrokerOptions = {},
): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/api-`);
  await writeFile(`${folder}/users`, "# who may come\n");
  await writeFile(`${folder}/acl`, "# what they may\nuser ada\ntopic a/#\n");
  const world = new ApiWorld(folder, options);
  const { close, onWebSocket, routes } = apiOf(world.host);
  world.server = await httpDoor({
    routes,
    access: world.host.access,
    isLocal: true,
    onFault: (error) => world.faults.push(error),
    onWebSocket,
  });
  try {
    await run(world);
  } finally {
    close();
    world.server.close();
    await rm(folder, { recursive: true });
  }
}
