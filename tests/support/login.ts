/**
 * Clients with a user name and a password, and the files and commands behind
 * them.
 */

import { assert, assertEquals } from "@std/assert";
import { within } from "./deadline.ts";
import { commandLine, type Runtime } from "./process.ts";
import { RawClient } from "./raw_client.ts";
import { connect } from "./wire.ts";
import * as wire5 from "./wire5.ts";

/** What CONNACK says to these. */
export async function loginCode(
  port: number,
  userName: string | undefined,
  password?: string,
  clientId = "",
): Promise<number> {
  using client = await RawClient.open(port);
  await client.send(connect({ clientId, ...who(userName, password) }));
  return (await client.packet("connack")).returnCode;
}

/** The same to a client of MQTT 5.0. */
export async function loginCode5(
  port: number,
  userName: string | undefined,
  password?: string,
): Promise<number> {
  using client = await RawClient.open(port);
  return await reason5(client, userName, password);
}

/** One that is let in. */
export async function loggedIn(
  port: number,
  userName: string,
  password: string,
  clientId: string = userName,
): Promise<RawClient> {
  return await RawClient.connected(port, {
    clientId,
    ...who(userName, password),
  });
}

/** The same of MQTT 5.0. */
export async function loggedIn5(
  port: number,
  userName: string,
  password: string,
): Promise<RawClient> {
  const client = await RawClient.open(port);
  assertEquals(await reason5(client, userName, password), 0);
  return client;
}

/** Runs a command of the broker, to a good end. */
export async function broker(
  runtime: Runtime,
  args: readonly string[],
  input = "",
): Promise<void> {
  const [program, ...first] = commandLine(runtime);
  const child = new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stderr } = await within(
    child.output(),
    `broker ${args.join(" ")}`,
    () => child.kill("SIGKILL"),
  );
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/** Gives a folder, and takes it away. */
export async function inFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "broker-logins-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function who(
  userName: string | undefined,
  password: string | undefined,
): { userName?: string; password?: string } {
  return {
    ...(userName !== undefined && { userName }),
    ...(password !== undefined && { password }),
  };
}

async function reason5(
  client: RawClient,
  userName: string | undefined,
  password: string | undefined,
): Promise<number> {
  const clientId = userName ?? "";
  await client.send(
    wire5.connect({ clientId, ...who(userName, password) }),
  );
  const { firstByte, body } = await client.frame();
  const [connack] = wire5.decode(wire5.frame(firstByte, body));
  assert(connack?.type === "connack");
  return connack.reason;
}
