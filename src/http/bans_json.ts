/**
 * Who is kept out, as JSON: as it is listed, and as it is kept in a file.
 *
 * @module
 */

import { BAN_SECONDS_MAX } from "../broker/bans.ts";
import type { Core } from "../broker/core.ts";
import { SCHEMAS } from "./api_schemas.ts";
import { checkValue } from "./check_value.ts";
import { sureMoment } from "./clock.ts";

/** What `Bans` of the API's schemas describes. */
export interface BansJson {
  /** One for each client. */
  readonly items: readonly {
    readonly clientId: string;
    readonly until: string;
  }[];
}

/** A clock may be years behind until there is a network. */
const MOST_MS = BAN_SECONDS_MAX * 1000;

/** Who is kept out now. */
export function bansJson(core: Core): BansJson {
  const items = core.bans.all(core.nowMs).map(([clientId, untilMs]) => ({
    clientId,
    until: sureMoment(core, untilMs),
  }));
  return { items };
}

/**
 * Keeps out whom a text says that {@linkcode bansJson} has made.
 *
 * @throws {TypeError} When it has not; then nobody is.
 */
export function takeBans(core: Core, text: string): void {
  const value: unknown = parsed(text);
  const fault = checkValue(SCHEMAS.Bans, value, "", SCHEMAS);
  if (fault !== undefined) throw new TypeError(fault);
  const { items } = value as BansJson;
  const leftMs = items.map(({ until }) => Date.parse(until) - Date.now());
  if (leftMs.some(Number.isNaN)) throw new TypeError("until is no time");
  for (const [at, { clientId }] of items.entries()) {
    const untilMs = core.nowMs + Math.min(leftMs[at]!, MOST_MS);
    if (untilMs > core.nowMs) core.bans.add(clientId, untilMs, core.nowMs);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError("it is not JSON");
  }
}
