/**
 * `broker rr`: publishes a request and prints the answer, as `mosquitto_rr`
 * does.
 *
 * @module
 */

import { Client } from "../client/client.ts";
import { reasonWords } from "../client/reason_words.ts";
import type { ReceivedMessage } from "../client/received_message.ts";
import { UNSPECIFIED_ERROR } from "../codec/reason_code.ts";
import {
  type ClientRun,
  EXIT_DONE,
  EXIT_TIMED_OUT,
  runClient,
} from "./client_run.ts";
import type { HostProcess } from "./host_process.ts";
import { printed } from "./print_message.ts";
import { payloadsOf } from "./stdin_payloads.ts";
import { subscribeAll } from "./subscribe_all.ts";

/**
 * Runs the command, which ends the process.
 *
 * @param args The arguments behind `rr`.
 */
export async function rrCommand(
  host: HostProcess,
  args: readonly string[],
): Promise<void> {
  await runClient(host, "rr", args, request);
}

async function request(run: ClientRun): Promise<number> {
  const { host, settings, options, traced, say, onSignal } = run;
  const done = Promise.withResolvers<number>();
  let isDone = false;
  const received = (message: ReceivedMessage) => {
    if (isDone) return;
    isDone = true;
    host.output(printed(message, settings, new Date()));
    done.resolve(EXIT_DONE);
  };
  onSignal(() => done.resolve(EXIT_DONE));
  const { timeoutMs } = settings;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    say("timed out");
    done.resolve(EXIT_TIMED_OUT);
  }, timeoutMs);
  let client: Client | undefined;
  const work = async () => {
    client = await Client.connect(options, { traced, received });
    const code = await ask(run, client);
    if (code !== undefined) return code;
    throw await client.closed;
  };
  try {
    return await Promise.race([done.promise, work()]);
  } finally {
    clearTimeout(timer);
    await client?.disconnect(undefined, settings.properties.DISCONNECT);
  }
}

/** Sends the request; returns a code when there is nothing to wait for. */
async function ask(
  { host, settings, options, say }: ClientRun,
  client: Client,
): Promise<number | undefined> {
  const { responseTopic, topics, qos, retain, properties } = settings;
  const answerTo = responseTopic!;
  const wanted = { ...settings, topics: [answerTo] };
  const refused = await subscribeAll({ settings: wanted, say }, client);
  if (refused !== undefined) return refused;
  for await (const payload of payloadsOf(settings.payload!, host)) {
    const { reasonCodes: [reason = 0], properties: answered } = await client
      .publish({
        topic: topics[0]!,
        payload,
        qos,
        retain,
        properties: options.connect.level < 5
          ? {}
          : { responseTopic: answerTo, ...properties.PUBLISH },
      });
    if (reason < UNSPECIFIED_ERROR) continue;
    const words = reasonWords(reason, answered.reasonString);
    say(`the broker did not take the request: ${words}`);
    return reason;
  }
  return undefined;
}
