/**
 * What a listener needs to speak TLS, and what an operator should know of
 * it. Files are read in `net/read_tls.ts`; the handshakes are the runtimes'
 * (`net/node_tls.ts`, `net/bun_tls.ts`).
 *
 * @module
 */

/** Whether clients have to show a certificate. */
export type ClientCertificate = "no" | "optional" | "required";

/** The oldest version of TLS that is spoken. */
export type TlsVersion = "1.2" | "1.3";

/** Certificate, key, and how strict to be with clients. */
export interface TlsSettings {
  /** The server's certificate and those between it and the root, in PEM. */
  readonly certificate: string;
  /** Its private key, in PEM. It must never reach a log. */
  readonly key: string;
  /** Who signs the certificates of clients, in PEM. */
  readonly clientCa: string | undefined;
  /** Whether clients have to show a certificate. */
  readonly clientCertificate: ClientCertificate;
  /** The oldest version of TLS that is spoken. */
  readonly minimumVersion: TlsVersion;
  /**
   * What is spoken inside of TLS, for clients that ask for it by name:
   * `mqtt`, and `http/1.1` where there is WebSocket.
   */
  readonly alpn: readonly string[];
  /** Since when the certificate is good. Unit: ms since 1970. */
  readonly validFromMs: number;
  /** Until when it is good. Unit: ms since 1970. */
  readonly validUntilMs: number;
}

const DAY_MS = 86_400_000;
/** From when on the operator is warned. */
const WARN_DAYS = 14;

/**
 * For how many days the certificate is good, rounded down; negative when it
 * has expired.
 *
 * @param nowMs The time of day, ms since 1970.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { daysLeft } from "./tls_settings.ts";
 *
 * const validUntilMs = Date.parse("2030-01-03T00:00:00Z");
 * const now = Date.parse("2030-01-01T12:00:00Z");
 * assertEquals(daysLeft({ validUntilMs }, now), 1);
 * ```
 */
export function daysLeft(
  { validUntilMs }: Pick<TlsSettings, "validUntilMs">,
  nowMs: number,
): number {
  return Math.floor((validUntilMs - nowMs) / DAY_MS);
}

/**
 * What is about to go wrong with the certificate, in a sentence;
 * `undefined` when nothing is. One that is good from tomorrow on may well
 * be the fault of this machine's clock, and so is no reason to stop.
 *
 * @param nowMs The time of day, ms since 1970.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { certificateWarning } from "./tls_settings.ts";
 *
 * const validUntilMs = Date.parse("2030-01-03T00:00:00Z");
 * const now = Date.parse("2030-01-01T12:00:00Z");
 * assertEquals(
 *   certificateWarning({ validFromMs: 0, validUntilMs }, now),
 *   "the certificate expires on 2030-01-03: 1 day is left",
 * );
 * ```
 */
export function certificateWarning(
  settings: Pick<TlsSettings, "validFromMs" | "validUntilMs">,
  nowMs: number,
): string | undefined {
  const { validFromMs, validUntilMs } = settings;
  if (nowMs < validFromMs) {
    return `the certificate is not valid before ${dayOf(validFromMs)}: ` +
      "is the clock of this machine right?";
  }
  const end = dayOf(validUntilMs);
  if (nowMs >= validUntilMs) return `the certificate expired on ${end}`;
  const days = daysLeft(settings, nowMs);
  if (days >= WARN_DAYS) return undefined;
  const left = days === 1 ? "1 day is left" : `${days} days are left`;
  return `the certificate expires on ${end}: ${left}`;
}

/** A moment's day, in the form that sorts: `2030-01-03`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
