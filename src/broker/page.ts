/**
 * Brings back what waits for a session on disk only, a page at a time.
 *
 * @module
 */

import type { Delivery } from "../session/delivery.ts";
import { dropUnreadable } from "./access.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";

const PAGE_MESSAGES_MAX = 256;
/** About; a single message may be larger. */
const PAGE_BYTES_MAX = 1 << 20;

/**
 * Asks for the next page, unless one is on its way. What it brings goes on
 * to the client in a turn of its own.
 *
 * @param pump Sends what may be sent.
 */
export function turnPage(
  core: Core,
  session: ClientSession,
  pump: (core: Core, connection: Connection) => void,
): void {
  const { backlog, clientId } = session;
  if (backlog.isPaging) return;
  backlog.isPaging = true;
  const fits = Math.max(Math.floor(PAGE_BYTES_MAX / backlog.diskBytesEach), 1);
  const max = Math.min(backlog.onDisk, PAGE_MESSAGES_MAX, fits);
  let isLater = false;
  const take = (page: readonly Delivery[], nowMs: number) => {
    backlog.isPaging = false;
    if (core.sessions.get(clientId) !== session) return;
    backlog.takePage(page);
    dropUnreadable(core, session);
    if (!isLater || page.length === 0) return;
    core.nowMs = nowMs;
    const { connection } = session;
    connection?.guard(() => pump(core, connection));
    core.endTurn();
  };
  core.options.store.page(clientId, backlog.headLength, max, take);
  isLater = true;
}
