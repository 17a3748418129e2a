/**
 * Reads certificates and keys and looks whether they are what they should
 * be, so that the operator gets one sentence with the file in it instead of
 * handshakes that fail. To be loaded when it is needed: `node:crypto` and
 * `node:fs` cost time at the start.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type ClientCertificate,
  dayOf,
  type TlsSettings,
  type TlsVersion,
} from "./tls_settings.ts";

/** Where to read them, and what else TLS is to be like. */
export interface TlsFiles {
  /** The certificate and those between it and the root, in PEM. */
  readonly certFile: string;
  /** Its private key, in PEM, not encrypted. */
  readonly keyFile: string;
  /** Who signs the certificates of clients, in PEM. */
  readonly caFile?: string | undefined;
  /** Whether clients have to show one. With a CA file they have to. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** The oldest version of TLS. 1.2. */
  readonly minimumVersion?: TlsVersion | undefined;
  /** What is spoken inside. `mqtt`. */
  readonly alpn?: readonly string[] | undefined;
}

/** A file of TLS is not as it should be: one sentence, which names it. */
export class TlsFileError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "TlsFileError";
}

/** What to say where the system's word would be a code. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
  EISDIR: "this is a folder",
  ENOTDIR: "a part of the path is not a folder",
};
/** The interface of a link-local address: `fe80::1%eth0`. */
const ZONE = /%.*$/;
const FIRST_LABEL = /^[^.]+\./;
const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]+-----/g;
const KEY = /-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPT/m;

/**
 * Reads the files and checks them against each other and the time.
 *
 * @param nowMs The time of day, ms since 1970.
 * @throws {TlsFileError} When one of them is not as it should be.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readTls, TlsFileError } from "./read_tls.ts";
 *
 * await assertRejects(
 *   () => readTls({ certFile: "/no.pem", keyFile: "/no.key" }, Date.now()),
 *   TlsFileError,
 *   "can't read /no.pem: there is no such file",
 * );
 * ```
 */
export async function readTls(
  files: TlsFiles,
  nowMs: number,
): Promise<TlsSettings> {
  const { certFile, keyFile, caFile } = files;
  const certificate = await textOf(certFile);
  const chain = certificatesIn(certificate, certFile);
  const key = await textOf(keyFile);
  checkPair(chain, keyIn(key, keyFile), files);
  const clientCa = caFile === undefined ? undefined : await textOf(caFile);
  if (clientCa !== undefined) certificatesIn(clientCa, caFile!);
  const clientCertificate = files.clientCertificate ??
    (caFile === undefined ? "no" : "required");
  if (clientCertificate !== "no" && clientCa === undefined) {
    throw new TlsFileError("client certificates need a CA file");
  }
  return {
    certificate,
    key,
    clientCa,
    clientCertificate,
    minimumVersion: files.minimumVersion ?? "1.2",
    alpn: files.alpn ?? ["mqtt"],
    ...validityOf(chain, certFile, nowMs),
  };
}

/**
 * Whether the certificate is good for clients that know the broker by this
 * name or address. A listener on all addresses has no name: not to be asked.
 */
export function isForHost(settings: TlsSettings, hostname: string): boolean {
  const [leaf] = certificatesIn(settings.certificate, "the certificate");
  const isAddress = hostname.includes(":") || /^[\d.]+$/.test(hostname);
  if (isAddress) {
    return leaf!.checkIP(hostname.replace(ZONE, "")) !== undefined;
  }
  // Deno compares letter by letter, and takes a wildcard for a name.
  const name = hostname.toLowerCase();
  return [name, name.replace(FIRST_LABEL, "*.")]
    .some((one) => leaf!.checkHost(one) !== undefined);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code = "", message } = cause as { code?: string; message: string };
    const why = FAULTS[code] ?? message;
    throw new TlsFileError(`can't read ${path}: ${why}`, { cause });
  }
}

function certificatesIn(text: string, path: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    const what = KEY.test(text) || ENCRYPTED.test(text)
      ? "this is a key, not a certificate"
      : "there is no certificate in PEM form in it";
    throw new TlsFileError(`${path}: ${what}`);
  }
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const which = blocks.length === 1
        ? "the certificate"
        : `certificate ${at + 1}`;
      const what = `${which} is damaged`;
      throw new TlsFileError(`${path}: ${what}`, { cause });
    }
  });
}

function keyIn(text: string, path: string): KeyObject {
  if (ENCRYPTED.test(text)) {
    throw new TlsFileError(
      `${path}: the key is encrypted; the broker has no passphrase for it ` +
        "(openssl pkey -in FILE writes it without)",
    );
  }
  if (!KEY.test(text)) {
    const what = text.match(CERTIFICATE) !== null
      ? "this is a certificate, not a private key"
      : "there is no private key in PEM form in it";
    throw new TlsFileError(`${path}: ${what}`);
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const what = "the private key is damaged";
    throw new TlsFileError(`${path}: ${what}`, { cause });
  }
}

function checkPair(
  chain: readonly X509Certificate[],
  key: KeyObject,
  { certFile, keyFile }: TlsFiles,
): void {
  const at = chain.findIndex((one) => one.checkPrivateKey(key));
  if (at === 0) return;
  throw new TlsFileError(
    at > 0
      ? `${certFile}: the server's own certificate has to come first`
      : `${keyFile}: the key does not belong to the certificate in ${certFile}`,
  );
}

function validityOf(
  [leaf]: readonly X509Certificate[],
  path: string,
  nowMs: number,
): Pick<TlsSettings, "validFromMs" | "validUntilMs"> {
  const validFromMs = Date.parse(leaf!.validFrom);
  const validUntilMs = Date.parse(leaf!.validTo);
  if (nowMs >= validUntilMs) {
    const end = dayOf(validUntilMs);
    throw new TlsFileError(`${path}: the certificate expired on ${end}`);
  }
  return { validFromMs, validUntilMs };
}
