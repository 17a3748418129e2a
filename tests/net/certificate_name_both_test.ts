/**
 * Names in certificates against what `openssl` makes of the same ones.
 * Runs under Deno and Bun.
 */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { certificateName } from "../../src/net/certificate_name.ts";
import { test } from "../support/both.ts";
import { Authority } from "../support/certificates.ts";
import { assert, assertEquals } from "../support/std_assert.ts";

const SUBJECTS = [
  "/CN=dev-1",
  "/C=DE/ST=Berlin/L=Berlin/O=Acme, Inc./OU=Field/CN=dev-1",
  "/DC=example/DC=acme/UID=42/CN=a=b",
  "/CN= space at both ends ",
  '/CN=#1 "quoted"; <a> \\+ b\\\\c',
  "/CN=Grüße 漢字",
  "/O=no common name/emailAddress=ada@example.com/serialNumber=7",
  "/CN=one+UID=joined/O=x",
  "/street=A/SN=B/GN=C/title=D/CN=E",
];

function der(path: string): Uint8Array {
  return new Uint8Array(new X509Certificate(readFileSync(path)).raw);
}

test("subjects are as openssl has them in the form of RFC 2253", () => {
  using authority = new Authority();
  for (const [at, name] of SUBJECTS.entries()) {
    const { certFile } = authority.issue(`c${at}`, name);
    const told = authority.openssl(
      ...["x509", "-in", certFile, "-noout", "-subject"],
      ...["-nameopt", "RFC2253,-esc_msb"],
    );
    const subject = told.replace(/^subject=/, "").replace(/\n$/, "");
    assertEquals(certificateName(der(certFile))?.subject, subject);
  }
});

test("a common name is what it is, and only where there is one", () => {
  using authority = new Authority();
  const table: [string, string | undefined][] = [
    ["/CN=dev-1", "dev-1"],
    ["/O=Acme/CN=Grüße, 漢字", "Grüße, 漢字"],
    ["/O=Acme", undefined],
    ["/CN=one/CN=two", undefined],
    ["/CN=with\u0001control", undefined],
  ];
  for (const [at, [name, expected]] of table.entries()) {
    const { certFile } = authority.issue(`c${at}`, name);
    assertEquals(certificateName(der(certFile))?.commonName, expected, name);
  }
});

test("it is valid until the second that openssl names", () => {
  using authority = new Authority();
  const ends = [
    new Date("2049-12-31T23:59:59Z"), // the last in the short form
    new Date("2050-01-01T00:00:00Z"),
    new Date("9999-12-31T23:59:59Z"), // RFC 5280: for ever
    new Date("2021-02-28T01:02:03Z"),
  ];
  for (const [at, end] of ends.entries()) {
    const { certFile } = authority.issueUntil(`c${at}`, "/CN=dev-1", end);
    const name = certificateName(der(certFile));
    const expected = end.getTime() - Date.now();
    assert(Math.abs(name!.validMs! - expected) < 1000, end.toISOString());
  }
});

test("bytes that are no certificate have no name", () => {
  using authority = new Authority();
  const whole = der(authority.issue("c", "/O=Acme/CN=dev-1").certFile);
  assertEquals(certificateName(whole)?.subject, "CN=dev-1,O=Acme");
  for (let length = 0; length < whole.length; length++) {
    assertEquals(certificateName(whole.subarray(0, length)), undefined);
  }
  for (let at = 0; at < 300; at++) {
    for (const byte of [0x00, 0x7f, 0x80, 0x84, 0xff]) {
      const changed = whole.slice();
      changed[at] = byte;
      certificateName(changed); // whatever it says, it must come to an end
    }
  }
});
