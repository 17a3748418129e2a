/**
 * A `mosquitto.conf` as settings of this broker. The defaults are Mosquitto's
 * where they matter to clients: without a listener there is one for this
 * machine at which everyone is let in; with one nobody is without a login
 * unless that is said.
 *
 * @module
 */

import { LIMITS } from "../broker/limit_table.ts";
import { suggest } from "../base/suggest.ts";
import { FILE_FLAGS } from "./flags.ts";
import { urlWith } from "./listener_json.ts";
import {
  type MosquittoDoor,
  MosquittoDraft,
  type MosquittoSecurity,
  type Said,
} from "./mosquitto_draft.ts";
import type { MosquittoLine } from "./mosquitto_lines.ts";
import { MOSQUITTO_OPTIONS } from "./mosquitto_options.ts";
import {
  MISSING,
  NEEDLESS,
  PLUGIN_OPTION,
  PLUGIN_SAYS,
} from "./mosquitto_others.ts";
import type { FileSettings } from "./read_settings.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** How to read a `mosquitto.conf`. */
export interface MosquittoReading {
  /** Whether what we have not is left out, and not refused. */
  readonly lenient: boolean;
  /** Whether the machine has IPv6: an address of it then is all addresses. */
  readonly hasIpv6: boolean;
}

/** What is said of a value that is no line's. */
const DEFAULT_PLACE = "Mosquitto's default";

/**
 * The settings that the lines come to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mosquittoLines } from "./mosquitto_lines.ts";
 * import { mosquittoSettings } from "./mosquitto_config.ts";
 *
 * const lines = mosquittoLines("listener 1883\nallow_anonymous true", "m");
 * const how = { lenient: false, hasIpv6: false };
 * const { given } = mosquittoSettings(lines, how);
 * assertEquals(given.get("listen")?.[0]?.text, "mqtt://0.0.0.0:1883");
 * assertEquals(given.get("allow-anonymous")?.[0]?.text, "true");
 * ```
 */
export function mosquittoSettings(
  lines: readonly MosquittoLine[],
  { hasIpv6, lenient }: MosquittoReading,
): FileSettings {
  const draft = new MosquittoDraft();
  for (const line of lines) take(draft, line);
  if (!draft.first.isAsked) draft.doors.shift();
  settleSecurity(draft);
  settleShared(draft);
  for (const door of draft.doors) settleDoor(draft, door, hasIpv6);
  settleRest(draft);
  const { faults, missing } = draft;
  const warnings = [...draft.notes];
  const hint = "--lenient leaves it out";
  if (lenient) warnings.push(...missing.map((one) => `${one}; left out`));
  else faults.push(...missing.map((one) => `${one}; ${hint}`));
  return { given: draft.given, faults, warnings };
}

function take(draft: MosquittoDraft, line: MosquittoLine): void {
  const { name, value, where } = line;
  const option = own(MOSQUITTO_OPTIONS, name);
  if (option !== undefined) {
    try {
      option(draft, line);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      draft.faults.push(`${where}: ${error.message}`);
    }
    return;
  }
  const note = own(NEEDLESS, name);
  if (note !== undefined) {
    const isWorthSaying = note !== "" && value !== "stderr";
    if (isWorthSaying) draft.notes.push(`${where}: ${name}: ${note}`);
    return;
  }
  const missing = PLUGIN_OPTION.test(name)
    ? { says: PLUGIN_SAYS }
    : own(MISSING, name);
  if (missing === undefined) draft.missing.push(unknownOption(line));
  else if (missing.neutral !== value) {
    draft.missing.push(`${where}: ${name}: ${missing.says}`);
  }
}

function own<Value>(
  table: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknownOption({ name, where }: MosquittoLine): string {
  const known = [MOSQUITTO_OPTIONS, NEEDLESS, MISSING].flatMap(Object.keys);
  const guess = suggest(name, known);
  const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
  return `${where}: there is no option ${quoted(name)}${hint}`;
}

/** Who may connect: our files of users and rules are for all listeners. */
function settleSecurity(draft: MosquittoDraft): void {
  const { doors, isPerListener, security } = draft;
  const all = isPerListener ? doors.map((one) => one.security) : [security];
  const passwordFile = theOne(draft, all, "passwordFile", "password_file");
  const aclFile = theOne(draft, all, "aclFile", "acl_file");
  if (passwordFile) {
    draft.set("password-file", passwordFile.text, passwordFile.where);
  }
  if (aclFile) draft.set("acl-file", aclFile.text, aclFile.where);
  settleCertUser(draft);
  if (isPerListener) {
    for (const door of doors) {
      const isOpen = door.security.anonymous ?? false;
      door.options.set("anonymous", isOpen ? "yes" : "no");
    }
    return;
  }
  const isLocal = doors.length === 0;
  const isOpen = isLocal || (security.anonymous ?? false);
  const hasLogins = passwordFile !== undefined ||
    draft.given.has("cert-user");
  if (isOpen && (!isLocal || hasLogins)) {
    draft.set("allow-anonymous", "true", DEFAULT_PLACE);
  }
  // Nobody can log in: that is what is said, and so it is.
  if (!isOpen && !hasLogins) {
    for (const door of doors) door.options.set("anonymous", "no");
  }
}

/** The file that all listeners have; it is missing when they differ. */
function theOne(
  draft: MosquittoDraft,
  all: readonly MosquittoSecurity[],
  field: "passwordFile" | "aclFile",
  name: string,
): Said | undefined {
  const first = all.find((one) => one[field] !== undefined)?.[field];
  if (all.every((one) => one[field]?.text === first?.text)) return first;
  draft.missing.push(
    `${first!.where}: ${name}: it is the same for all listeners here`,
  );
  return first;
}

function settleCertUser(draft: MosquittoDraft): void {
  const doors = draft.doors.filter((one) => one.needsCertificate);
  const [first] = doors;
  if (first === undefined) return;
  const { certUser } = first;
  if (doors.some((one) => one.certUser !== certUser)) {
    draft.missing.push(
      `${first.where}: use_identity_as_username: it is the same for all ` +
        "listeners that need a certificate here",
    );
  }
  if (certUser !== undefined) draft.set("cert-user", certUser, first.where);
}

/** What Mosquitto says of a listener, and we of all of them. */
function settleShared(draft: MosquittoDraft): void {
  for (const flag of ["maximum-qos", "topic-alias-max"]) {
    const texts = draft.doors.map((one) => one.shared.get(flag));
    const at = texts.findIndex((text) => text !== undefined);
    if (at < 0) continue;
    const { where } = draft.doors[at]!;
    if (new Set(texts).size > 1) {
      draft.missing.push(
        `${where}: ${flag} is the same for all listeners here`,
      );
    }
    draft.set(flag, texts[at]!, where);
  }
}

function settleDoor(
  draft: MosquittoDraft,
  door: MosquittoDoor,
  hasIpv6: boolean,
): void {
  const { address, caFile, certFile, isWeb, keyFile, port, where } = door;
  const tell = (fault: string) => draft.faults.push(`${where}: ${fault}`);
  if (port === "0" && address === "") {
    return void tell("listener 0 needs the path of a Unix socket");
  }
  const isTls = certFile !== "" || keyFile !== "";
  const options = [...door.options].filter(([name]) =>
    isTls || name !== "tls-version"
  );
  if (isTls) options.push(["cert", certFile], ["key", keyFile]);
  if (isTls && (certFile === "" || keyFile === "")) {
    return void tell("certfile and keyfile belong together");
  }
  if (isTls && door.needsCertificate) {
    if (caFile === "") return void tell("require_certificate needs a cafile");
    options.push(["client-ca", caFile], ["client-cert", "required"]);
  }
  if (port === "0") {
    const isPlain = !isWeb && !isTls;
    if (!isPlain) return void tell("a Unix socket speaks plain MQTT only");
    const file = address.split("/").map(encodeURIComponent).join("/");
    draft.add("listen", urlWith(`unix://${file}`, options), where);
    return;
  }
  const scheme = isWeb ? (isTls ? "wss" : "ws") : isTls ? "mqtts" : "mqtt";
  const all = door.domain !== "ipv4" && hasIpv6 ? "::" : "0.0.0.0";
  const host = address === "" ? all : address;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  // Mosquitto looks at no path.
  const path = isWeb ? "/*" : "";
  const url = `${scheme}://${bracketed}:${port}${path}`;
  draft.add("listen", urlWith(url, options), where);
}

function settleRest(draft: MosquittoDraft): void {
  const { folder, given, persistence } = draft;
  if (!given.has("packet-bytes-max")) {
    const { most } = LIMITS.packetBytesMax;
    draft.set("packet-bytes-max", `${most}`, DEFAULT_PLACE);
  }
  if (persistence) {
    draft.set("data", folder.text, folder.where || DEFAULT_PLACE);
  } else {
    draft.set("memory", "true", DEFAULT_PLACE);
  }
  for (const [flag, [one]] of given) {
    if (FILE_FLAGS.some(({ name }) => name === flag)) continue;
    given.delete(flag);
    if (flag !== "memory") draft.notes.push(`${one!.where}: ${flag}: not here`);
  }
}
