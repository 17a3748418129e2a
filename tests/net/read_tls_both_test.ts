/**
 * Certificates and keys as an operator may have them: what is good is taken,
 * and each mistake gets one sentence with the name of the file. Runs under
 * Deno and Bun, as each has a `node:crypto` of its own.
 */

import { readFileSync } from "node:fs";
import {
  isForHost,
  readTls,
  TlsFileError,
  type TlsFiles,
} from "../../src/net/read_tls.ts";
import { certificateWarning, daysLeft } from "../../src/net/tls_settings.ts";
import { test } from "../support/both.ts";
import { Authority, type Issued } from "../support/certificates.ts";
import { assert, assertEquals, assertRejects } from "../support/std_assert.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();

function text(path: string): string {
  return readFileSync(path, "utf8");
}

async function refused(files: TlsFiles, sentence: string): Promise<void> {
  await assertRejects(() => readTls(files, NOW), TlsFileError, sentence);
}

test("a certificate, its chain and its key are taken as they are", async () => {
  using authority = new Authority();
  const server = authority.issue("server", "/CN=localhost");
  const settings = await readTls(server, NOW);
  assertEquals(settings.certificate, text(server.certFile));
  assertEquals(settings.key, text(server.keyFile));
  assertEquals(settings.clientCertificate, "no");
  assertEquals(settings.minimumVersion, "1.2");
  assertEquals(settings.alpn, ["mqtt"]);
  const chain = authority.write(
    "chain.pem",
    `words before\n${text(server.certFile)}\n${text(authority.caFile)}`,
  );
  const files = { ...server, certFile: chain, caFile: authority.caFile };
  const mutual = await readTls(files, NOW);
  assertEquals(mutual.clientCertificate, "required");
  assertEquals(mutual.clientCa, text(authority.caFile));
});

test("keys of all forms are taken", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const old = authority.path("old.key");
  authority.openssl("ec", "-in", keyFile, "-out", old);
  await readTls({ certFile, keyFile: old }, NOW);
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n" +
    "-----END EC PARAMETERS-----\n";
  const both = authority.write("both.key", parameters + text(old));
  await readTls({ certFile, keyFile: both }, NOW);
});

test("files that are not there or something else are named", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const none = authority.path("none.pem");
  const { folder } = authority;
  const junk = authority.write("junk.pem", "junk");
  const table: [Partial<TlsFiles>, string][] = [
    [{ certFile: none }, `can't read ${none}: there is no such file`],
    [{ keyFile: none }, `can't read ${none}: there is no such file`],
    [{ caFile: none }, `can't read ${none}: there is no such file`],
    [{ certFile: folder }, `can't read ${folder}: this is a folder`],
    [{ certFile: junk }, `${junk}: there is no certificate in PEM form in it`],
    [{ keyFile: junk }, `${junk}: there is no private key in PEM form in it`],
    [{ caFile: junk }, `${junk}: there is no certificate in PEM form in it`],
    [
      { certFile: keyFile },
      `${keyFile}: this is a key, not a certificate`,
    ],
    [
      { keyFile: certFile },
      `${certFile}: this is a certificate, not a private key`,
    ],
    [
      { clientCertificate: "optional" },
      "client certificates need a CA file",
    ],
  ];
  for (const [files, sentence] of table) {
    await refused({ certFile, keyFile, ...files }, sentence);
  }
});

test("what is damaged, encrypted or of another one is named", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const other = authority.issue("other", "/CN=localhost");
  const pem = (label: string, body: string) =>
    `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  const cert = authority.write("cert.pem", pem("CERTIFICATE", "AAAA"));
  const key = authority.write("cut.key", pem("PRIVATE KEY", "AAAA"));
  const second = authority.write(
    "second.pem",
    text(certFile) + pem("CERTIFICATE", "AAAA"),
  );
  const encrypted = authority.path("encrypted.key");
  const pass = ["-passout", "pass:secret"];
  const out = ["-out", encrypted, ...pass];
  authority.openssl("pkcs8", "-topk8", "-in", keyFile, ...out);
  const old = authority.path("old.key");
  authority.openssl("ec", "-in", keyFile, "-aes128", "-out", old, ...pass);
  const wrongOrder = authority.write(
    "order.pem",
    text(authority.caFile) + text(certFile),
  );
  const table: [Partial<TlsFiles>, string][] = [
    [{ certFile: cert }, `${cert}: the certificate is damaged`],
    [{ certFile: second }, `${second}: certificate 2 is damaged`],
    [{ keyFile: key }, `${key}: the private key is damaged`],
    [{ keyFile: encrypted }, `${encrypted}: the key is encrypted`],
    [{ keyFile: old }, `${old}: the key is encrypted`],
    [
      { keyFile: other.keyFile },
      `${other.keyFile}: the key does not belong to the certificate in ` +
      certFile,
    ],
    [
      { certFile: wrongOrder },
      `${wrongOrder}: the server's own certificate has to come first`,
    ],
  ];
  for (const [files, sentence] of table) {
    await refused({ certFile, keyFile, ...files }, sentence);
  }
});

test("a certificate that has expired is refused", async () => {
  using authority = new Authority();
  const old = authority.issue("old", "/CN=localhost", { days: -1 });
  const day = new Date(NOW - DAY_MS).toISOString().slice(0, 10);
  await refused(old, `${old.certFile}: the certificate expired on ${day}`);
});

test("the last days of a certificate are told", async () => {
  using authority = new Authority();
  const server: Issued = authority.issue("server", "/CN=localhost");
  const settings = await readTls(server, NOW);
  assertEquals(daysLeft(settings, NOW + 1000 * 60), 29);
  // Times in certificates are whole seconds.
  const warning = (days: number) =>
    certificateWarning(settings, NOW + days * DAY_MS - 60_000);
  assertEquals(warning(1), undefined);
  assertEquals(warning(15), undefined);
  assert(warning(17)!.endsWith(": 13 days are left"), warning(17));
  assert(warning(29)!.endsWith(": 1 day is left"), warning(29));
  assert(warning(31)!.startsWith("the certificate expired on"), warning(31));
  assert(warning(-2)!.includes("is not valid before"), warning(-2));
  // That one may be the clock's fault: it is no reason not to start.
  await readTls(server, NOW - 2 * DAY_MS);
});

test("a certificate knows for which hosts it is", async () => {
  using authority = new Authority();
  const names = "DNS:mqtt.example,IP:10.0.0.7,IP:2001:db8::1";
  const server = authority.issue("server", "/CN=any", { names });
  const settings = await readTls(server, NOW);
  const hosts = ["mqtt.example", "10.0.0.7", "2001:db8::1"];
  for (const host of hosts) assert(isForHost(settings, host), host);
  const others = ["other.example", "10.0.0.8", "2001:db8::2"];
  for (const host of others) assert(!isForHost(settings, host), host);
});
