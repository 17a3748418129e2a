/**
 * What the lines of a `mosquitto.conf` have come to so far: listeners, who
 * may connect by each, and settings. The lines are taken by
 * `cli/mosquitto_options.ts`; what is made of all is in
 * `cli/mosquitto_config.ts`.
 *
 * @module
 */

import type { MosquittoLine } from "./mosquitto_lines.ts";
import type { Given } from "./read_settings.ts";

/** A value, and where it stands. */
export interface Said {
  /** The value. */
  readonly text: string;
  /** `FILE:LINE`. */
  readonly where: string;
}

/** Who may connect, and who may do what: for all, or by one listener. */
export interface MosquittoSecurity {
  /** Whether clients without a name may come in. */
  anonymous: boolean | undefined;
  /** The file of users. */
  passwordFile: Said | undefined;
  /** The file of access rules. */
  aclFile: Said | undefined;
}

/** A listener. */
export interface MosquittoDoor {
  /** Where it begins. */
  where: string;
  /** Whether there is to be such a listener; the first may not be. */
  isAsked: boolean;
  /** Its port. */
  port: string;
  /** Its address; empty for all. */
  address: string;
  /** The one version of IP, where it is said. */
  domain: "ipv4" | "ipv6" | undefined;
  /** Whether WebSocket is spoken. */
  isWeb: boolean;
  /** Options of `--listen`, with their values. */
  readonly options: Map<string, string>;
  /** Certificate, key, and the authorities that vouch for clients. */
  certFile: string;
  keyFile: string;
  caFile: string;
  /** Whether clients need a certificate. */
  needsCertificate: boolean;
  /** What of it is the user name. */
  certUser: "cn" | "subject" | undefined;
  /** What is said of it that we can say of all listeners only. */
  readonly shared: Map<string, string>;
  /** Who may connect here, where each listener has its own rules. */
  readonly security: MosquittoSecurity;
}

/** All of it. */
export class MosquittoDraft {
  /** The listener that is there without a line that says so. */
  readonly first: MosquittoDoor = door("", "1883", "");
  /** All listeners, the one that lines are about is the last. */
  readonly doors: MosquittoDoor[] = [this.first];
  /** Who may connect, where that is the same everywhere. */
  readonly security: MosquittoSecurity = noSecurity();
  /** Whether each listener has rules of its own. */
  isPerListener = false;
  /** What is settled, by the flag's name. */
  readonly given: Map<string, Given[]> = new Map();
  /** What means nothing here, and does no harm. */
  readonly notes: string[] = [];
  /** What this broker has not. */
  readonly missing: string[] = [];
  /** What is wrong. */
  readonly faults: string[] = [];
  /** Where state is kept, if it is. */
  persistence = false;
  folder: Said = { text: ".", where: "" };

  /** The listener that lines are about. */
  get door(): MosquittoDoor {
    return this.doors.at(-1)!;
  }

  /** Where rules for who may connect belong just now. */
  get rules(): MosquittoSecurity {
    return this.isPerListener ? this.door.security : this.security;
  }

  /** From here on lines are about another listener. */
  begin(where: string, port: string, address: string): void {
    this.doors.push(door(where, port, address));
    this.door.isAsked = true;
  }

  /** Lines like this one ask for the listener that they are about. */
  ask({ where }: MosquittoLine): void {
    this.door.isAsked = true;
    if (this.door.where === "") this.door.where = where;
  }

  /** Settles a flag. */
  set(flag: string, text: string, where: string): void {
    this.given.set(flag, [{ text, label: flag, where }]);
  }

  /** Settles one more of a flag's. */
  add(flag: string, text: string, where: string): void {
    const before = this.given.get(flag) ?? [];
    this.given.set(flag, [...before, { text, label: flag, where }]);
  }
}

function door(where: string, port: string, address: string): MosquittoDoor {
  return {
    where,
    isAsked: false,
    port,
    address,
    domain: undefined,
    isWeb: false,
    options: new Map(),
    certFile: "",
    keyFile: "",
    caFile: "",
    needsCertificate: false,
    certUser: undefined,
    shared: new Map(),
    security: noSecurity(),
  };
}

function noSecurity(): MosquittoSecurity {
  return { anonymous: undefined, passwordFile: undefined, aclFile: undefined };
}
