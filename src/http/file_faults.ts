/**
 * What could not be done to a file, as a fault of the API.
 *
 * @module
 */

import { ApiFault } from "./api_fault.ts";
import type { FileFault } from "./api_host.ts";

const STATUSES: Readonly<Record<FileFault["fault"], number>> = {
  not_found: 404,
  exists: 409,
  invalid: 400,
  stale: 409,
  failed: 409,
};

/** What was done; a fault is told. */
export function done<T extends object>(result: T | FileFault): T {
  if (!("fault" in result)) return result;
  const { fault, message } = result;
  throw new ApiFault(STATUSES[fault], fault, message);
}
