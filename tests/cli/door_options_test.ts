/**
 * What a listener of the settings comes to for the library, the files of TLS
 * included, and what an operator is told of certificates.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SILENT } from "../../src/base/logger.ts";
import { certificateWarnings } from "../../src/cli/certificate_warnings.ts";
import { doorOptions, tlsFilesOf, tlsOf } from "../../src/cli/door_options.ts";
import { parseListener } from "../../src/cli/listener.ts";
import { loginsOf } from "../../src/cli/logins.ts";
import { defaultSettings } from "../../src/cli/settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import type { ListenOptions } from "../../src/host/listen_options.ts";
import { Authority } from "../support/certificates.ts";

async function optionsOf(text: string): Promise<ListenOptions> {
  return await doorOptions(parseListener(text, "--listen"), undefined);
}

/** What a listener with nothing special comes to. */
const PLAIN = {
  hostname: "127.0.0.1",
  port: 1,
  tls: undefined,
  any: false,
  authenticator: undefined,
  enhancedAuthenticators: undefined,
  mountPoint: "",
  connectionsMax: undefined,
  allow: [],
  deny: [],
  proxies: [],
  bytesPerSecond: undefined,
  messagesPerSecond: undefined,
};

Deno.test("a plain listener has nothing special", async () => {
  assertEquals(await optionsOf("127.0.0.1:1"), PLAIN);
});

Deno.test("each option finds its place", async () => {
  const text = "127.0.0.1:1?mount=a/&connections=2&allow=10.0.0.0/8&" +
    "deny=10.0.0.1&proxy=::1&bytes-per-second=3&messages-per-second=4";
  assertEquals(await optionsOf(text), {
    ...PLAIN,
    mountPoint: "a/",
    connectionsMax: 2,
    allow: ["10.0.0.0/8"],
    deny: ["10.0.0.1"],
    proxies: ["::1"],
    bytesPerSecond: 3,
    messagesPerSecond: 4,
  });
});

Deno.test("WebSocket has a path and origins", async () => {
  const query = "127.0.0.1:1/x?origin=https://a.example";
  const webSocket = { path: "/x", origins: ["https://a.example"] };
  const web = { ...PLAIN, webSocket };
  assertEquals(await optionsOf(`ws://${query}`), web);
  assertEquals(await optionsOf(`any://${query}`), { ...web, any: true });
});

Deno.test("a Unix socket has a file in place of an address", async () => {
  const { hostname: _, port: __, ...plain } = PLAIN;
  assertEquals(await optionsOf("unix:///s?mode=660&owner=ada"), {
    ...plain,
    unix: { file: "/s", mode: 0o660, owner: "ada" },
  });
});

Deno.test("who may come in is up to logins and listener", async () => {
  const logins = await loginsOf(defaultSettings(), SILENT);
  const found = async (text: string) => {
    const listener = parseListener(text, "--listen");
    return (await doorOptions(listener, logins)).authenticator;
  };
  assertEquals(await found("127.0.0.1:1"), undefined);
  assertEquals(await found("127.0.0.1:1?anonymous=yes"), undefined);
  assert(await found("127.0.0.1:1?anonymous=no") !== undefined);
});

Deno.test("certificate, key and authority are read, each time", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const { caFile } = authority;
  const plain = `127.0.0.1:1?cert=${certFile}&key=${keyFile}`;
  const { tls } = await optionsOf(`mqtts://${plain}`);
  assertEquals(tls?.certificate, await Deno.readTextFile(certFile));
  assertEquals(tls?.key, await Deno.readTextFile(keyFile));
  assertEquals([tls?.clientCertificate, tls?.clientCa], ["no", undefined]);
  assertEquals([tls?.minimumVersion, tls?.alpn], ["1.2", ["mqtt"]]);

  const mutual = parseListener(
    `wss://${plain}&client-ca=${caFile}&client-cert=optional&tls-version=1.3`,
    "--listen",
  );
  assertEquals(tlsFilesOf(mutual), [certFile, keyFile, caFile]);
  const found = await tlsOf(mutual);
  assertEquals(found?.clientCertificate, "optional");
  assertEquals(found?.clientCa, await Deno.readTextFile(caFile));
  assertEquals(found?.minimumVersion, "1.3");
  assertEquals(found?.alpn, ["mqtt", "http/1.1"]);

  const other = authority.issue("other", "/CN=localhost");
  await Deno.copyFile(other.certFile, certFile);
  const { message } = await assertRejects(() => tlsOf(mutual), UsageError);
  assert(message.includes(keyFile), message);
  await Deno.copyFile(other.keyFile, keyFile);
  const renewed = await tlsOf(mutual);
  assertEquals(renewed?.key, await Deno.readTextFile(other.keyFile));
});

Deno.test("a name of a file can't reach the terminal as it is", async () => {
  const text = "mqtts://127.0.0.1:1?cert=/no/%1b[2J&key=k";
  const { message } = await assertRejects(() => optionsOf(text), UsageError);
  assertEquals(
    message,
    "can't read /no/\\u001b[2J: there is no such file",
  );
});

const DAY_MS = 86_400_000;

Deno.test("a certificate that is not for its host is told of", async () => {
  using authority = new Authority();
  const names = "DNS:gateway.example,DNS:*.site.example,IP:10.0.0.7";
  const { certFile, keyFile } = authority.issue("server", "/CN=a", { names });
  const text = `mqtts://127.0.0.1:1?cert=${certFile}&key=${keyFile}`;
  const tls = await tlsOf(parseListener(text, "--listen"));
  assert(tls !== undefined);
  const warn = (hostname: string, nowMs = Date.now()) =>
    certificateWarnings(hostname, tls, nowMs);
  const good = ["gateway.example", "A.site.example", "10.0.0.7"];
  // At all addresses nobody can tell, and on loopback it is a name mostly.
  const untold = ["0.0.0.0", "::", "0:0::0", "127.0.0.1", "::1"];
  for (const hostname of [...good, ...untold]) {
    assertEquals(await warn(hostname), [], hostname);
  }
  for (const hostname of ["localhost", "10.0.0.8", "fe80::1%lo", "a.example"]) {
    assertEquals(await warn(hostname), [
      `the certificate is not for ${hostname}: clients that know the broker ` +
      "by that will not trust it",
    ]);
  }
  const nowMs = tls.validUntilMs - 2.5 * DAY_MS;
  const [ofTime, ofName, ...more] = await warn("localhost", nowMs);
  assert(ofTime?.endsWith(": 2 days are left"), ofTime);
  assert(ofName?.startsWith("the certificate is not for localhost"));
  assertEquals(more, []);
});
