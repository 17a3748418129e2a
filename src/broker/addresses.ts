/**
 * What is known of the hosts from which clients come: how many connections
 * each has, and how many logins have failed. Who fails too often is answered
 * later, and then not let in for a time.
 *
 * Failed logins fade, one a second: a device with a wrong password that tries
 * again and again harms nobody who shares its address.
 *
 * @module
 */

import type { Limits } from "./limits.ts";

/** From this many failures on the answers wait. */
const FAILURES_PATIENT = 10;
const FADE_MS = 1000;
/** Hosts with failures that are remembered; the oldest go first. */
const FAILED_HOSTS_MAX = 10_000;

interface Failures {
  /** At `atMs`; they fade from then on. */
  count: number;
  atMs: number;
  bannedUntilMs: number;
}

/** A host with connections. */
export interface Host {
  /** Its address. */
  readonly address: string;
  /** How many connections it has. */
  connections: number;
}

/** Why a host is not let in. */
export type Ban = "too many connections" | "too many failed logins";

/** Hosts by address. */
export class Addresses {
  readonly #limits: Limits;
  readonly #hosts = new Map<string, Host>();
  /** Those that failed last come last. */
  readonly #failures = new Map<string, Failures>();

  /** Nobody is known. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Hosts whose failed logins are remembered. */
  get failedHosts(): number {
    return this.#failures.size;
  }

  /** Why `host` may not connect now; `undefined` when it may. */
  banOf(host: string, nowMs: number): Ban | undefined {
    if (host === "") return undefined;
    const most = this.#limits.connectionsPerAddressMax;
    const failures = this.#failures.get(networkOf(host));
    if (failures !== undefined && nowMs < failures.bannedUntilMs) {
      return "too many failed logins";
    }
    const count = this.#hosts.get(host)?.connections ?? 0;
    return count < most ? undefined : "too many connections";
  }

  /** One connection more of `address`; {@linkcode leave} it at its end. */
  enter(address: string): Host {
    let host = this.#hosts.get(address);
    if (host === undefined) {
      host = { address, connections: 0 };
      this.#hosts.set(address, host);
    }
    host.connections++;
    return host;
  }

  /** One less. */
  leave(host: Host): void {
    host.connections--;
    if (host.connections === 0) this.#hosts.delete(host.address);
  }

  /** A login has failed; returns how long its answer is to wait, ms. */
  loginFailed(host: string, nowMs: number): number {
    if (host === "") return 0;
    const { loginFailuresMax, loginBanMs, loginDelayMs } = this.#limits;
    const network = networkOf(host);
    const known = this.#failures.get(network);
    const faded = known === undefined ? 0 : (nowMs - known.atMs) / FADE_MS;
    const count = Math.max((known?.count ?? 0) - faded, 0) + 1;
    const banMs = count > loginFailuresMax ? nowMs + loginBanMs : 0;
    this.#failures.delete(network);
    this.#failures.set(network, {
      count,
      atMs: nowMs,
      bannedUntilMs: Math.max(banMs, known?.bannedUntilMs ?? 0),
    });
    if (this.#failures.size > FAILED_HOSTS_MAX) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest!);
    }
    return count > FAILURES_PATIENT ? loginDelayMs : 0;
  }
}

/**
 * What one peer commands: an IPv4 address, or the 64 bits of an IPv6 address
 * that name a network.
 */
function networkOf(host: string): string {
  if (!host.includes(":")) return host;
  const [front = "", back] = host.split("::");
  const groups = front.split(":");
  if (back === undefined) return groups.slice(0, 4).join(":");
  const zeros = 8 - groups.length - back.split(":").length;
  const filled = [...groups, ...Array<string>(Math.max(zeros, 0)).fill("0")];
  return [...filled, ...back.split(":")].slice(0, 4).join(":");
}
