/**
 * Certificates that change while a broker runs: by their files, and by
 * SIGHUP. Who is connected stays, who comes sees the new one; and nothing
 * changes by a file that is not as it should be.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  BrokerProcess,
  type LogLine,
  type Runtime,
} from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { tlsClient } from "../support/tls_client.ts";
import { connect } from "../support/wire.ts";

const DOORS: readonly (readonly [name: string, url: string])[] = [
  ["mqtts", "mqtts://127.0.0.1:0"],
  ["mqtts with certificates of clients", "mqtts://127.0.0.1:0?client-ca=CA"],
  ["wss", "wss://127.0.0.1:0"],
  ["any", "any://127.0.0.1:0"],
];

/** A broker, its certificate, and who made that. */
class Scene implements AsyncDisposable {
  readonly authority: Authority;
  readonly broker: BrokerProcess;
  readonly #files = ["certificate.pem", "certificate.key"];

  private constructor(authority: Authority, broker: BrokerProcess) {
    this.authority = authority;
    this.broker = broker;
  }

  static async start(
    runtime: Runtime,
    urls: readonly string[],
  ): Promise<Scene> {
    const authority = new Authority();
    const first = authority.issue("certificate", "/CN=first");
    const withCa = urls.map((url) =>
      url.replace("=CA", `=${authority.caFile}&client-cert=optional`)
    );
    const files = ["--tls-cert", first.certFile, "--tls-key", first.keyFile];
    const broker = await BrokerProcess.listening(runtime, withCa, files);
    return new Scene(authority, broker);
  }

  /** Another certificate in place of the one that is there. */
  renew(name: string, days = 30): void {
    const made = this.authority.issue(name, `/CN=${name}`, { days });
    const [certFile, keyFile] = this.#paths();
    Deno.renameSync(made.certFile, certFile);
    Deno.renameSync(made.keyFile, keyFile);
  }

  /** Whom a new client sees at each port. */
  async seen(): Promise<string[]> {
    const { authority, broker: { ports } } = this;
    const names: string[] = [];
    for (const port of ports) {
      const { output } = await tlsClient(port, { authority });
      names.push(/subject=CN = (.+)/.exec(output)?.[1] ?? output);
    }
    return names;
  }

  /** A client that is there already. */
  async client(port: number): Promise<RawClient> {
    const caCerts = [await Deno.readTextFile(this.authority.caFile)];
    const client = RawClient.over(
      await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts }),
    );
    await client.send(connect({ clientId: `${port}` }));
    await client.packet("connack");
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
    this.authority[Symbol.dispose]();
  }

  #paths(): [certFile: string, keyFile: string] {
    return this.#files.map((name) => this.authority.path(name)) as [
      string,
      string,
    ];
  }
}

testRuntime("TLS: a new certificate counts by SIGHUP", async (runtime) => {
  await using scene = await Scene.start(runtime, DOORS.map(([, url]) => url));
  const { broker } = scene;
  const count = broker.ports.length;
  assertEquals(await scene.seen(), Array(count).fill("first"));
  using plain = await scene.client(broker.ports[0]!);
  using mutual = await scene.client(broker.ports[1]!);
  using any = await scene.client(broker.ports[3]!);
  scene.renew("second");
  broker.signal("SIGHUP");
  await broker.logged("reloaded", ({ why }) => why === "SIGHUP");
  assertEquals(await scene.seen(), Array(count).fill("second"));
  for (const client of [plain, mutual, any]) {
    assertEquals(await client.packetsBeforePong(), []);
  }
});

testRuntime("TLS: a new certificate counts by its file", async (runtime) => {
  const urls = ["mqtts://127.0.0.1:0"];
  await using scene = await Scene.start(runtime, urls);
  using client = await scene.client(scene.broker.port);
  scene.renew("second");
  await scene.broker.logged("reloaded", ({ why }) => why === "a file changed");
  assertEquals(await scene.seen(), ["second"]);
  assertEquals(await client.packetsBeforePong(), []);
});

testRuntime("TLS: a bad file changes nothing", async (runtime) => {
  await using scene = await Scene.start(runtime, DOORS.map(([, url]) => url));
  const { authority, broker } = scene;
  const other = authority.issue("other", "/CN=other");
  const certFile = authority.path("certificate.pem");
  const keyFile = authority.path("certificate.key");
  const bad: readonly (readonly [() => void, path: string, why: RegExp])[] = [
    [
      () => Deno.writeTextFileSync(certFile, ""),
      certFile,
      /there is no certificate in PEM form in it/,
    ],
    [() => Deno.removeSync(keyFile), keyFile, /there is no such file/],
    [
      () => Deno.copyFileSync(other.keyFile, keyFile),
      keyFile,
      /does not belong to the certificate/,
    ],
    [() => scene.renew("old", -1), certFile, /expired on/],
  ];
  for (const [i, [spoil, path, why]] of bad.entries()) {
    scene.renew(`good ${i}`);
    spoil();
    const { level, message } = await reloadFailure(broker);
    assertMatch(message, why);
    assert(message.includes(path), message);
    assertEquals(level, "error");
  }
  assertEquals(await scene.seen(), Array(broker.ports.length).fill("first"));
  scene.renew("good");
  broker.signal("SIGHUP");
  await broker.logged("reloaded");
  assertEquals(await scene.seen(), Array(broker.ports.length).fill("good"));
});

/** By SIGHUP: the line that comes then. */
function reloadFailure(broker: BrokerProcess): Promise<LogLine> {
  const failures = () =>
    broker.log.filter(({ event }) => event === "reload_failed");
  const before = failures().length;
  broker.signal("SIGHUP");
  return broker.logged(
    "reload_failed",
    (line) => failures().indexOf(line) === before,
  );
}
