/**
 * What an operator should know of a certificate that is good in itself.
 *
 * @module
 */

import { certificateWarning, type TlsSettings } from "../net/tls_settings.ts";
import { isLoopback } from "./address.ts";

const ADDRESS = /^[\d.]+$|:/;
/** `0.0.0.0`, `::` and longer ways to write it. */
const ALL_ADDRESSES = /^[0.:]+$/;

/**
 * Sentences on what is or will be wrong with the certificate of a listener.
 *
 * @param hostname Where it listens.
 * @param nowMs The time of day, ms since 1970.
 */
export async function certificateWarnings(
  hostname: string,
  tls: TlsSettings,
  nowMs: number,
): Promise<string[]> {
  const warnings: string[] = [];
  const ofTime = certificateWarning(tls, nowMs);
  if (ofTime !== undefined) warnings.push(ofTime);
  const { isForHost } = await import("../net/read_tls.ts");
  if (isWhereClientsGo(hostname) && !isForHost(tls, hostname)) {
    warnings.push(
      `the certificate is not for ${hostname}: clients that know the broker ` +
        "by that will not trust it",
    );
  }
  return warnings;
}

/**
 * Whether clients are likely to know the broker by `hostname`. At all
 * addresses nobody can tell, and on this machine it is mostly a name.
 */
function isWhereClientsGo(hostname: string): boolean {
  if (!ADDRESS.test(hostname)) return true;
  return !ALL_ADDRESSES.test(hostname) && !isLoopback(hostname);
}
