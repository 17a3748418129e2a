/**
 * The subscriptions of `broker sub` and `rr`, and what the broker says to
 * them.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { reasonWords } from "../client/reason_words.ts";
import { UNSPECIFIED_ERROR } from "../codec/reason_code.ts";
import type { ClientRun } from "./client_run.ts";
import { quoted } from "./usage_error.ts";

/**
 * Subscribes to what the flags name, and unsubscribes.
 *
 * @returns The reason code to end with, when nothing was granted.
 */
export async function subscribeAll(
  { settings, say }: Pick<ClientRun, "settings" | "say">,
  client: Pick<Client, "subscribe" | "unsubscribe">,
): Promise<number | undefined> {
  const { topics, unsubscribes, qos, properties } = settings;
  if (unsubscribes.length > 0) {
    await client.unsubscribe(unsubscribes, properties.UNSUBSCRIBE);
  }
  if (topics.length === 0) return undefined;
  const { reasonCodes, properties: answered } = await client.subscribe(
    topics.map((filter) => ({
      filter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    })),
    properties.SUBSCRIBE,
  );
  for (const [at, reason] of reasonCodes.entries()) {
    if (reason < UNSPECIFIED_ERROR) continue;
    const words = reasonWords(reason, answered.reasonString);
    const filter = quoted(topics[at] ?? "");
    say(`the broker refused the subscription to ${filter}: ${words}`);
  }
  const isGranted = reasonCodes.some((reason) => reason < UNSPECIFIED_ERROR);
  return isGranted ? undefined : reasonCodes[0];
}
