/**
 * What brokers need to stand behind a door, as files in one folder: a
 * certificate that a throw-away authority has signed, made by `openssl`, and
 * a password file and access rules, both in Mosquitto's format, which our
 * broker reads too. Nothing here is secret, nor of use beyond a run.
 */

import { pbkdf2Sync, randomBytes } from "node:crypto";
import { type Door, isSecure } from "./doors.ts";

/** What a client logs in with. */
export interface Login {
  readonly userName: string;
  readonly password: string;
}

/** What kind of key a server's certificate is for. */
export type KeyKind = "ec" | "rsa";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** What clients trust, PEM. */
  readonly ca: string;
}

export interface Guard {
  readonly passwordFile: string;
  readonly aclFile: string;
  /** One user for all clients. */
  readonly login: Login;
}

/** Each is there when a door asks for it. */
export interface Equipment {
  readonly certificate: Certificate | undefined;
  readonly guard: Guard | undefined;
}

export const KEY_KINDS: readonly KeyKind[] = ["ec", "rsa"];

export const NO_EQUIPMENT: Equipment = {
  certificate: undefined,
  guard: undefined,
};

/** How many rules the access rules have. */
export const ACL_RULES = 1_000;

const USER_NAME = "load";
/** What `mosquitto_passwd` of 2.0 takes. */
const HASH_ROUNDS = 101;

/** How `openssl` is asked for a key. */
const NEW_KEY: Readonly<Record<KeyKind, readonly string[]>> = {
  ec: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  rsa: ["-newkey", "rsa:2048"],
};

/** Made in `folder`, which is the caller's to remove. */
export async function equip(
  folder: string,
  doors: readonly Door[],
  keyKind: KeyKind,
): Promise<Equipment> {
  const isAnySecure = doors.some(({ transport }) => isSecure(transport));
  const isAnyGuarded = doors.some(({ isGuarded }) => isGuarded);
  return {
    certificate: isAnySecure ? await certify(folder, keyKind) : undefined,
    guard: isAnyGuarded ? await guard(folder) : undefined,
  };
}

async function certify(
  folder: string,
  keyKind: KeyKind,
): Promise<Certificate> {
  const at = (name: string): string => `${folder}/${name}`;
  const names = at("names.cnf");
  await Deno.writeTextFile(
    names,
    "basicConstraints=CA:FALSE\n" +
      "subjectAltName=IP:127.0.0.1,DNS:localhost\n",
  );
  const newKey = [...NEW_KEY[keyKind], "-nodes"];
  const caFile = at("ca.pem");
  const caKey = at("ca.key");
  const certFile = at("server.pem");
  const keyFile = at("server.key");
  const request = at("server.csr");
  await openssl("req", "-x509", ...newKey, "-days", "2", [
    ["-subj", "/CN=load bench authority"],
    ["-keyout", caKey],
    ["-out", caFile],
  ]);
  await openssl("req", "-new", ...newKey, [
    ["-subj", "/CN=localhost"],
    ["-keyout", keyFile],
    ["-out", request],
  ]);
  await openssl("x509", "-req", "-CAcreateserial", "-days", "2", [
    ["-in", request],
    ["-CA", caFile],
    ["-CAkey", caKey],
    ["-extfile", names],
    ["-out", certFile],
  ]);
  const ca = await Deno.readTextFile(caFile);
  return { certFile, keyFile, caFile, ca };
}

async function openssl(
  ...args: (string | readonly (readonly string[])[])[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: args.flat(2),
    stdin: "null",
  }).output();
  if (success) return;
  const [line = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Error(`openssl ${args[0]}: ${line}`);
}

async function guard(folder: string): Promise<Guard> {
  const passwordFile = `${folder}/passwords`;
  const aclFile = `${folder}/acl`;
  const password = randomBytes(12).toString("base64");
  const login = { userName: USER_NAME, password };
  const mode = 0o600;
  await Deno.writeTextFile(passwordFile, passwordLine(login), { mode });
  await Deno.writeTextFile(aclFile, accessRules(), { mode });
  return { passwordFile, aclFile, login };
}

/** A line of a password file: salted and hashed with PBKDF2 of SHA-512. */
export function passwordLine({ userName, password }: Login): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, HASH_ROUNDS, 64, "sha512");
  const fields = [
    HASH_ROUNDS,
    salt.toString("base64"),
    hash.toString("base64"),
  ];
  return `${userName}:$7$${fields.join("$")}\n`;
}

/**
 * A thousand rules, most of which are the one user's own, with others'
 * before and patterns for all behind. What lets its messages pass stands
 * last, so that whoever looks through them one by one gets to see them all.
 */
export function accessRules(): string {
  const lines: string[] = [];
  const rule = (text: string): number => lines.push(text);
  for (let index = 0; index < 100; index++) {
    rule(`user other${index}\ntopic readwrite home/${index}/#`);
  }
  rule(`user ${USER_NAME}`);
  const own = ["bench/t", "b/+", "f/#", "w/+/t", "idle/+", "q/+"];
  const allowed = own.map((filter) => `topic readwrite ${filter}`);
  const patterns = 100;
  const rest = ACL_RULES - 100 - patterns - allowed.length;
  for (let index = 0; index < rest; index++) {
    const kind = ["read", "write", "readwrite", "deny"][index % 4];
    const filter = index % 3 === 0 ? `s/${index}/+/v` : `s/${index}/#`;
    rule(`topic ${kind} ${filter}`);
  }
  lines.push(...allowed);
  for (let index = 0; index < patterns; index++) {
    rule(`pattern write device/${index}/${index % 2 === 0 ? "%c" : "%u"}/#`);
  }
  return lines.join("\n") + "\n";
}

/** The certificate, which has to be there. */
export function certificateOf({ certificate }: Equipment): Certificate {
  if (certificate === undefined) throw new Error("there is no certificate");
  return certificate;
}
