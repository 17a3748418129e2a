/**
 * Handshakes with a client that is not ours: certificates of clients,
 * versions, names of protocols, and another certificate while others are
 * connected. Each on its own and after first bytes have been read. Runs
 * under Deno and Bun.
 */

import { Buffer } from "node:buffer";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { readTls, type TlsFiles } from "../../src/net/read_tls.ts";
import type { TlsSettings } from "../../src/net/tls_settings.ts";
import { test } from "../support/both.ts";
import { Authority, type Issued } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { SecureDoor } from "../support/secure_door.ts";
import { assert, assertEquals, assertMatch } from "../support/std_assert.ts";
import { tlsClient } from "../support/tls_client.ts";

/** A door for each case, with a certificate for localhost. */
class Scene implements Disposable {
  readonly authority = new Authority();
  readonly others = new Authority("Other CA");
  readonly server = this.authority.issue("server", "/CN=localhost");
  readonly client = this.authority.issue("client", "/O=Acme/CN=dev-1");

  settings(files: Partial<TlsFiles> = {}): Promise<TlsSettings> {
    return readTls({ ...this.server, ...files }, Date.now());
  }

  mutual(files: Partial<TlsFiles> = {}): Promise<TlsSettings> {
    return this.settings({ caFile: this.authority.caFile, ...files });
  }

  [Symbol.dispose](): void {
    this.authority[Symbol.dispose]();
    this.others[Symbol.dispose]();
  }
}

const DEV_1 = { commonName: "dev-1", subject: "CN=dev-1,O=Acme" };
const FAILED = "the TLS handshake failed: ";

for (const sniffs of [false, true]) {
  const how = sniffs ? "TLS after first bytes" : "TLS";

  test(`${how}: clients come in, with any version and with ALPN`, async () => {
    using scene = new Scene();
    const { authority } = scene;
    using door = SecureDoor.open(await scene.settings(), { sniffs });
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const args = [version, "-alpn", "mqtt"];
      const { echoed, output } = await tlsClient(door.port, {
        authority,
        args,
      });
      assert(echoed, output);
      assertMatch(output, /ALPN protocol: mqtt/);
      assertEquals(await door.outcome(), { certificate: undefined });
    }
    const plain = await tlsClient(door.port, { authority });
    assert(plain.echoed, plain.output);
    await door.outcome();
    const other = await tlsClient(door.port, { args: ["-alpn", "h2"] });
    assert(!other.echoed, other.output);
    assertEquals(await door.outcome(), {
      fault: `${FAILED}the client asks for a protocol (ALPN) that is not ` +
        "spoken here",
    });
  });

  test(`${how}: the certificate of a client has its name`, async () => {
    using scene = new Scene();
    const { authority, client } = scene;
    using door = SecureDoor.open(await scene.mutual(), { sniffs });
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const options = { authority, shows: client, args: [version] };
      const { echoed, output } = await tlsClient(door.port, options);
      assert(echoed, output);
      assertEquals(await door.outcome(), { certificate: DEV_1 });
    }
  });

  test(`${how}: clients that show nothing or nothing good`, async () => {
    using scene = new Scene();
    const { authority, others } = scene;
    using door = SecureDoor.open(await scene.mutual(), { sniffs });
    const stranger = others.issue("stranger", "/CN=dev-1");
    const old = authority.issue("old", "/CN=dev-1", { days: -1 });
    for (const version of ["-tls1_2", "-tls1_3"]) {
      for (const shows of [undefined, stranger, old]) {
        const options = { authority, shows, args: [version] };
        const { echoed, output } = await tlsClient(door.port, options);
        assert(!echoed, output);
        const outcome = await door.outcome();
        assert("fault" in outcome, JSON.stringify(outcome));
        assert(outcome.fault.startsWith(FAILED), outcome.fault);
        const said = shows === undefined ? /shown no cert/ : /known|expired/;
        assertMatch(outcome.fault, said);
      }
    }
  });

  test(`${how}: a certificate without its key is nothing`, async () => {
    using scene = new Scene();
    const { authority, client } = scene;
    const settings = [
      await scene.mutual(),
      await scene.mutual({ clientCertificate: "optional" }),
    ];
    const forged = authority.write("forged.key", forgedKey(client, scene));
    const shows = { certFile: client.certFile, keyFile: forged };
    for (const setting of settings) {
      using door = SecureDoor.open(setting, { sniffs });
      for (const version of ["-tls1_2", "-tls1_3"]) {
        const options = { authority, shows, args: [version] };
        const { echoed, output } = await tlsClient(door.port, options);
        assert(!echoed, output);
        const outcome = await door.outcome();
        assert("fault" in outcome, JSON.stringify(outcome));
      }
    }
  });

  test(`${how}: who comes again has the same name`, async () => {
    using scene = new Scene();
    const { authority, client } = scene;
    using door = SecureDoor.open(await scene.mutual(), { sniffs });
    const kept = authority.path("session.pem");
    for (const version of ["-tls1_2", "-tls1_3"]) {
      for (const flag of ["-sess_out", "-sess_in"]) {
        const args = [version, flag, kept];
        const options = { authority, shows: client, args };
        const { echoed, output } = await tlsClient(door.port, options);
        assert(echoed, output);
        assertEquals(await door.outcome(), { certificate: DEV_1 });
      }
    }
  });

  test(`${how}: another authority ends what the old one allowed`, async () => {
    using scene = new Scene();
    const { authority, others, client } = scene;
    using door = SecureDoor.open(await scene.mutual(), { sniffs });
    const kept = authority.path("session.pem");
    for (const version of ["-tls1_2", "-tls1_3"]) {
      door.renew(await scene.mutual());
      const options = { authority, shows: client };
      const first = [version, "-sess_out", kept];
      assert((await tlsClient(door.port, { ...options, args: first })).echoed);
      await door.outcome();
      door.renew(await scene.mutual({ caFile: others.caFile }));
      const again = [version, "-sess_in", kept];
      const { echoed } = await tlsClient(door.port, {
        ...options,
        args: again,
      });
      assert(!echoed, version);
      assert("fault" in await door.outcome());
    }
  });

  test(`${how}: much comes back as it was sent`, async () => {
    using scene = new Scene();
    using door = SecureDoor.open(await scene.settings(), { sniffs });
    const sent = new Uint8Array(3_000_001).map((_, at) => at * at >> 7);
    const received = await echoed(door.port, sent);
    assertEquals(received.length, sent.length);
    assert(received.every((byte, at) => byte === sent[at]));
  });

  test(`${how}: a certificate may be left out, not be a bad one`, async () => {
    using scene = new Scene();
    const { authority, others, client } = scene;
    const settings = await scene.mutual({ clientCertificate: "optional" });
    using door = SecureDoor.open(settings, { sniffs });
    const stranger = others.issue("stranger", "/CN=dev-1");
    assert((await tlsClient(door.port, { authority })).echoed);
    assertEquals(await door.outcome(), { certificate: undefined });
    assert((await tlsClient(door.port, { authority, shows: client })).echoed);
    assertEquals(await door.outcome(), { certificate: DEV_1 });
    const bad = await tlsClient(door.port, { authority, shows: stranger });
    assert(!bad.echoed, bad.output);
    assert("fault" in await door.outcome());
  });

  test(`${how}: older versions than allowed are refused`, async () => {
    using scene = new Scene();
    const { authority } = scene;
    const settings = await scene.settings({ minimumVersion: "1.3" });
    using door = SecureDoor.open(settings, { sniffs });
    assert((await tlsClient(door.port, { authority })).echoed);
    await door.outcome();
    const old = await tlsClient(door.port, { authority, args: ["-tls1_2"] });
    assert(!old.echoed, old.output);
    assertEquals(await door.outcome(), {
      fault: `${FAILED}the client has no version or cipher of TLS that is ` +
        "allowed here",
    });
  });

  test(`${how}: who speaks something else or nothing is told of`, async () => {
    using scene = new Scene();
    using door = SecureDoor.open(await scene.settings(), { sniffs });
    const mqtt = "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00";
    for (const text of [mqtt, "GET / HTTP/1.1\r\n\r\n"]) {
      const client = await tcpClient(door.port);
      client.write(text);
      assertEquals(await door.outcome(), {
        fault: `${FAILED}the client does not speak TLS`,
      });
      client.destroy();
    }
    const gone = await tcpClient(door.port);
    gone.write("\x16\x03\x01");
    gone.end();
    const outcome = await door.outcome();
    assert("fault" in outcome, JSON.stringify(outcome));
    gone.destroy();
  });

  test(`${how}: a client that does not trust us is told of`, async () => {
    using scene = new Scene();
    using door = SecureDoor.open(await scene.settings(), { sniffs });
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const options = { authority: scene.others, args: [version] };
      assert(!(await tlsClient(door.port, options)).echoed);
      const outcome = await door.outcome();
      assert("fault" in outcome, JSON.stringify(outcome));
      assertMatch(outcome.fault, /does not trust the broker's certificate$/);
    }
  });

  test(`${how}: another certificate, for new clients`, async () => {
    using scene = new Scene();
    const { authority } = scene;
    using door = SecureDoor.open(await scene.settings(), { sniffs });
    const first = await tlsClient(door.port, { authority });
    assertMatch(first.output, /subject=CN ?= ?localhost$/m);
    await door.outcome();
    const next = authority.issue("next", "/O=Next/CN=localhost");
    door.renew(await readTls(next, Date.now()));
    const second = await tlsClient(door.port, { authority });
    assert(second.echoed, second.output);
    assertMatch(second.output, /subject=O ?= ?Next, CN ?= ?localhost$/m);
  });
}

/**
 * The public half is the client's, the private one is not: a key that looks
 * as if it belonged to the certificate (RFC 5915).
 */
function forgedKey({ keyFile }: Issued, { server }: Scene): string {
  const jwk = (path: string) =>
    createPrivateKey(readFileSync(path)).export({ format: "jwk" });
  const theirs = jwk(keyFile);
  const bytes = (text: string | undefined) => Buffer.from(text!, "base64url");
  const element = (tag: number, ...parts: (Uint8Array | number[])[]) => {
    const content = parts.flatMap((part) => [...part]);
    return [tag, content.length, ...content];
  };
  const point = [0, 4, ...bytes(theirs.x), ...bytes(theirs.y)];
  const curve = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
  const der = element(
    0x30,
    [2, 1, 1],
    element(4, bytes(jwk(server.keyFile).d)),
    element(0xa0, curve),
    element(0xa1, element(3, point)),
  );
  const text = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  const label = "EC PRIVATE KEY-----";
  return `-----BEGIN ${label}\n${text}\n-----END ${label}\n`;
}

/** Sends all of it, to the end, and gives what comes back. */
function echoed(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const to = { port, host: "127.0.0.1", rejectUnauthorized: false };
  const socket = connectTls(to, () => socket.write(bytes));
  const received: Uint8Array[] = [];
  let length = 0;
  socket.on("data", (chunk: Uint8Array) => {
    received.push(chunk);
    length += chunk.length;
    if (length >= bytes.length) socket.end();
  });
  socket.on("close", () => resolve(Buffer.concat(received)));
  socket.on("error", reject);
  return within(promise, "all that was sent", () => socket.destroy());
}

function tcpClient(port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(port, "127.0.0.1", () => resolve(socket));
  socket.on("error", reject);
  return promise;
}
