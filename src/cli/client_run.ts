/**
 * What `broker pub`, `sub` and `rr` have in common: help, sentences on
 * stderr, and how they end. Exit codes are those of Mosquitto's clients.
 *
 * @module
 */

import type { ClientEvents, ClientOptions } from "../client/client.ts";
import { ConnectionLost, Refused } from "../client/faults.ts";
import { returnCodeOf } from "../codec/connack.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { DialError } from "../net/dial_address.ts";
import { readClientArguments } from "./client_arguments.ts";
import { clientPage, connectPage } from "./client_help.ts";
import { planClient } from "./client_plan.ts";
import type { ClientCommand, ClientSettings } from "./client_settings.ts";
import { CONNECT_FLAGS } from "./connect_flags.ts";
import type { EndSignal, HostProcess } from "./host_process.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { UsageError } from "./usage_error.ts";

/** All went well. */
export const EXIT_DONE = 0;
/** There is no way to the broker, or the arguments are wrong. */
export const EXIT_FAILED = 1;
/** The connection was lost, and nobody said why. */
const EXIT_LOST = 7;
/** It took longer than it may. */
export const EXIT_TIMED_OUT = 27;
/** 128 and the signal's number, as shells count. */
const EXIT_SIGNAL: Readonly<Record<EndSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
};

const SENTENCE_CHARS_MAX = 600;

/** One run of a command. */
export interface ClientRun {
  /** The process. */
  readonly host: HostProcess;
  /** What the flags say. */
  readonly settings: ClientSettings;
  /** What to connect with. */
  readonly options: ClientOptions;
  /** What else is told on the way: packets, for `--debug`. */
  readonly traced: NonNullable<ClientEvents["traced"]>;
  /** Says a sentence on stderr. */
  say(sentence: string): void;
  /** Calls `leave` at a signal, which is then the end in good order. */
  onSignal(leave: () => void): void;
}

/** How a command speaks, and may be told to be quiet. */
export interface Voice {
  /** Says a sentence on stderr. */
  say(sentence: string): void;
  /** From now on it says nothing. */
  hush(): void;
}

/**
 * Runs a command to its end, which is that of the process.
 *
 * @param run Does it; returns the exit code.
 */
export async function runClient(
  host: HostProcess,
  command: ClientCommand,
  args: readonly string[],
  run: (run: ClientRun) => Promise<number>,
): Promise<void> {
  await runToEnd(host, command, async ({ say, hush }) => {
    const order = readClientArguments(command, args);
    if (order.kind === "help") return page(host, clientPage(command));
    if (order.kind === "help_connect") {
      return page(host, connectPage(command, CONNECT_FLAGS));
    }
    const { settings } = order;
    if (settings.isQuiet) hush();
    const options = await planClient(command, settings, host);
    const traced = settings.isTraced
      ? (line: string) => host.print(`${escapeControls(line)}\n`, "stderr")
      : () => {};
    const onSignal = signalHandler(host);
    return await run({ host, settings, options, traced, say, onSignal });
  });
}

/**
 * Runs what a command does, tells what has gone wrong, and ends the process
 * with the exit code for it.
 *
 * @param command Its word, before each sentence.
 * @param run Does it; returns the exit code.
 */
export async function runToEnd(
  host: HostProcess,
  command: string,
  run: (voice: Voice) => Promise<number>,
): Promise<void> {
  let isQuiet = false;
  const say = (sentence: string) => {
    if (isQuiet) return;
    const text = escapeControls(cutText(sentence, SENTENCE_CHARS_MAX));
    host.print(`broker ${command}: ${text}\n`, "stderr");
  };
  let code: number;
  try {
    code = await run({ say, hush: () => isQuiet = true });
  } catch (error) {
    code = exitCodeOf(error);
    say((error as Error).message);
  }
  host.exit(code);
}

/** Prints help, which is all that was asked for. */
export function page(host: HostProcess, text: string): number {
  host.print(text, "stdout");
  return EXIT_DONE;
}

/** Until somebody wants to leave in good order, a signal is the end. */
export function signalHandler(host: HostProcess): ClientRun["onSignal"] {
  let leave: (() => void) | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    host.onSignal(signal, () => {
      const once = leave;
      leave = undefined;
      if (once === undefined) host.exit(EXIT_SIGNAL[signal]);
      once();
    });
  }
  return (run) => leave = run;
}

/** The exit code for what went wrong; what is our own fault is thrown. */
function exitCodeOf(error: unknown): number {
  if (error instanceof ConnectionLost) {
    const { cause } = error;
    if (cause instanceof Refused) return exitCodeOf(cause);
    return error.reason ?? EXIT_LOST;
  }
  if (error instanceof Refused) {
    return error.level < 5 ? returnCodeOf(error.reason) : error.reason;
  }
  const isTold = error instanceof UsageError || error instanceof DialError ||
    error instanceof ProtocolError;
  if (isTold) return EXIT_FAILED;
  throw error;
}
