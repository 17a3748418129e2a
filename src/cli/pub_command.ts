/**
 * `broker pub`: publishes messages and ends, as `mosquitto_pub` does.
 *
 * @module
 */

import { Client, type Message } from "../client/client.ts";
import type { Answer } from "../client/inbox.ts";
import { reasonWords } from "../client/reason_words.ts";
import { NO_PROPERTIES } from "../codec/properties.ts";
import { UNSPECIFIED_ERROR } from "../codec/reason_code.ts";
import { type ClientRun, EXIT_DONE, runClient } from "./client_run.ts";
import type { HostProcess } from "./host_process.ts";
import { payloadsOf } from "./stdin_payloads.ts";

/**
 * Runs the command, which ends the process.
 *
 * @param args The arguments behind `pub`.
 */
export async function pubCommand(
  host: HostProcess,
  args: readonly string[],
): Promise<void> {
  await runClient(host, "pub", args, publish);
}

async function publish(run: ClientRun): Promise<number> {
  const client = await Client.connect(run.options, { traced: run.traced });
  const lost = client.closed.then((reason) => {
    throw reason;
  });
  const code = await Promise.race([publishAll(run, client), lost]);
  lost.catch(() => {});
  await client.disconnect(undefined, run.settings.properties.DISCONNECT);
  return code;
}

/** Publishes all there is; returns the code of what the broker refused. */
async function publishAll(run: ClientRun, client: Client): Promise<number> {
  const { settings } = run;
  const waiting = new Set<Promise<void>>();
  let code = EXIT_DONE;
  let fault: unknown;
  const settle = (answer: Answer) => code = refusalOf(run, answer) ?? code;
  for (let left = settings.repeat; left > 0; left--) {
    for await (const payload of payloadsOf(settings.payload!, run.host)) {
      const work = client.publish(messageOf(run, payload))
        .then(settle, (error) => fault = error)
        .then(() => void waiting.delete(work));
      waiting.add(work);
      // At QoS 0 one after the other, so that lines do not pile up.
      const most = settings.qos === 0 ? 1 : settings.inflightMax;
      while (waiting.size >= most) await Promise.race(waiting);
      if (fault !== undefined) throw fault;
    }
    if (left > 1 && settings.repeatDelayMs > 0) {
      await new Promise((done) => setTimeout(done, settings.repeatDelayMs));
    }
  }
  await Promise.all(waiting);
  if (fault !== undefined) throw fault;
  return code;
}

function messageOf({ settings }: ClientRun, payload: Uint8Array): Message {
  const { topics, qos, retain, properties } = settings;
  const topic = topics[0]!;
  return {
    topic,
    payload,
    qos,
    retain,
    properties: properties.PUBLISH ?? NO_PROPERTIES,
  };
}

/** The reason code of a refusal, which is told. */
function refusalOf(
  { say }: ClientRun,
  { reasonCodes: [reason = 0], properties }: Answer,
): number | undefined {
  if (reason < UNSPECIFIED_ERROR) return undefined;
  const words = reasonWords(reason, properties.reasonString);
  say(`the broker did not take the message: ${words}`);
  return reason;
}
