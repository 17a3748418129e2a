/**
 * Everything that takes bytes, under bytes that are nearly right: seconds of
 * it, or as many as `fuzzer.ts` is asked for. Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { BROKER_TARGET } from "./broker_target.ts";
import { CODEC_TARGET } from "./codec_target.ts";
import { FIRST_BYTES_TARGET, PROXY_TARGET } from "./doors_target.ts";
import { fuzz, type Target } from "./fuzzer.ts";
import { OPENING_TARGET } from "./opening_target.ts";
import {
  WEB_SOCKET_FRAMES_TARGET,
  WEB_SOCKET_REQUEST_TARGET,
  WEB_SOCKET_TARGET,
} from "./web_socket_target.ts";

const TARGETS: readonly Target[] = [
  CODEC_TARGET,
  PROXY_TARGET,
  FIRST_BYTES_TARGET,
  OPENING_TARGET,
  WEB_SOCKET_FRAMES_TARGET,
  WEB_SOCKET_REQUEST_TARGET,
  WEB_SOCKET_TARGET,
  BROKER_TARGET,
];

for (const target of TARGETS) {
  test(`what must hold for all bytes holds: ${target.name}`, () => {
    fuzz(target);
  });
}
