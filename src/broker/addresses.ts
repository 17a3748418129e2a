/**
 * What is known of the hosts from which clients come: how many connections
 * each has, and how many logins have failed. Who fails too often is answered
 * later, and then not let in for a time.
 *
 * Failed logins fade, one a second, and one more for each client of the host
 * that is logged in with a name: devices with a wrong password that try again
 * and again do no harm to those who share their address.
 *
 * @module
 */

import { networkOf } from "../base/network_of.ts";
import type { Limits } from "./limits.ts";

/** From this many failures on the answers wait. */
const FAILURES_PATIENT = 10;
const FADE_MS = 1000;
/** So many clients of a host speak for it. */
const VOUCHERS_MAX = 60;
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
  /** Its address, as far as `networkOf` tells it from others. */
  readonly network: string;
  /** How many connections it has. */
  connections: number;
  /** How many of them are of clients who are logged in with a name. */
  clients: number;
}

/** Why a host is not let in. */
export type Ban = "too many connections" | "too many failed logins";

/** Hosts by address; with IPv6 by network. */
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
    if (this.isBanned(host, nowMs)) return "too many failed logins";
    const most = this.#limits.connectionsPerAddressMax;
    const count = this.#hosts.get(networkOf(host))?.connections ?? 0;
    return count < most ? undefined : "too many connections";
  }

  /** Whether `host` has failed to log in too often. */
  isBanned(host: string, nowMs: number): boolean {
    const failures = this.#failures.get(networkOf(host));
    return failures !== undefined && nowMs < failures.bannedUntilMs;
  }

  /** One connection more of `address`; {@linkcode leave} it at its end. */
  enter(address: string): Host {
    const network = networkOf(address);
    let host = this.#hosts.get(network);
    if (host === undefined) {
      host = { network, connections: 0, clients: 0 };
      this.#hosts.set(network, host);
    }
    host.connections++;
    return host;
  }

  /** One less. */
  leave(host: Host): void {
    host.connections--;
    if (host.connections === 0) this.#hosts.delete(host.network);
  }

  /** A login has failed; returns how long its answer is to wait, ms. */
  loginFailed(host: string, nowMs: number): number {
    if (host === "") return 0;
    const { loginFailuresMax, loginBanMs, loginDelayMs } = this.#limits;
    const network = networkOf(host);
    const known = this.#failures.get(network);
    const faded = known === undefined
      ? 0
      : (nowMs - known.atMs) / this.#fadeMsOf(host);
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

  #fadeMsOf(address: string): number {
    const clients = this.#hosts.get(networkOf(address))?.clients ?? 0;
    return FADE_MS / (1 + Math.min(clients, VOUCHERS_MAX));
  }
}
