/**
 * What is in the log when it says all it has to say: nothing secret, however
 * a client logs in, and nothing that a client could make a line or a colour
 * of.
 */

import { assert, assertEquals, assertFalse } from "@std/assert";
import { newSigner, sign } from "../credentials/jwt_maker.ts";
import { LoginServer } from "../credentials/login_server.ts";
import { ScramClient } from "../credentials/scram_client.ts";
import { testBroker, testRuntime } from "../support/e2e.ts";
import { broker, inFolder, loginCode } from "../support/login.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, publish, subscribe } from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";

/** Logs in by SCRAM; returns the proof, and the reason at the end. */
async function scram(
  port: number,
  password: string,
): Promise<{ proof: string; reason: number }> {
  using client = await RawClient.open(port);
  const peer = new ScramClient("ada", password);
  const properties = (authenticationData: string) => ({
    authenticationMethod: "SCRAM-SHA-256",
    authenticationData,
  });
  const first = properties(peer.first());
  await client.send(wire5.connect({ clientId: "s", properties: first }));
  const challenge = await packet5(client);
  assert(challenge.type === "auth");
  const data = challenge.properties.authenticationData as string;
  const final = peer.final(data);
  await client.send(wire5.auth(0x18, properties(final)));
  const connack = await packet5(client);
  assert(connack.type === "connack");
  return { proof: final.split(",p=")[1]!, reason: connack.reason };
}

async function packet5(client: RawClient): Promise<wire5.ServerPacket> {
  const { firstByte, body } = await client.frame();
  return wire5.decode(wire5.frame(firstByte, body))[0]!;
}

testRuntime("no secret is in the log, whatever it tells", (runtime) => {
  return inFolder(async (folder) => {
    const server = await LoginServer.start();
    try {
      const signer = await newSigner("ES256");
      await Deno.writeTextFile(`${folder}/key.pem`, signer.pem);
      await Deno.writeTextFile(`${folder}/headers`, "X-Key: s3cret-header\n");
      const [users, scramUsers] = [`${folder}/users`, `${folder}/scram.json`];
      await broker(runtime, ["passwd", users, "ada"], "s3cret-right\n");
      await broker(runtime, ["scram", scramUsers, "ada"], "s3cret-scram\n");
      await using one = await BrokerProcess.start({
        runtime,
        args: [
          ...["--log-level", "debug", "--jwt-key", `${folder}/key.pem`],
          ...["--password-file", users, "--scram-file", scramUsers],
          ...["--http-login", server.url()],
          ...["--http-login-headers", `${folder}/headers`],
        ],
      });
      const { port } = one;
      const soon = Math.floor(Date.now() / 1000) + 60;
      const [good, expired] = await Promise.all(
        [soon, 1].map((exp) => sign(signer, { exp, sub: "ada" })),
      );
      for (
        const [user, password, code] of [
          ["ada", "s3cret-right", 0],
          ["ada", "s3cret-wrong", 4],
          ["ada", good!, 0],
          ["ada", expired!, 5],
          ["ada", `${good}AAAA`, 4],
          ["bob", "s3cret-http", 0],
        ] as const
      ) {
        assertEquals(await loginCode(port, user, password), code, password);
      }
      server.reply = { status: 500 };
      assertEquals(await loginCode(port, "cas", "s3cret-down"), 3);
      const right = await scram(port, "s3cret-scram");
      const wrong = await scram(port, "s3cret-guess");
      assertEquals([right.reason, wrong.reason], [0, 0x86]);
      one.signal("SIGHUP");
      await one.logged("reloaded");
      const signatures = [good!, expired!].map((token) => token.split(".")[2]!);
      for (const said of ["s3cret", ...signatures, right.proof, wrong.proof]) {
        assertFalse(one.stderr.includes(said), said);
      }
      for (const file of [users, scramUsers]) {
        const { mode } = await Deno.stat(file);
        assertEquals(mode! & 0o777, 0o600, file);
      }
    } finally {
      await server.stop();
    }
  });
});

testBroker("a name is no line of the log, and no colour", async (one) => {
  const forged = '{"level":"error","event":"forged"}';
  const name = `\u001b[31m\r\n${forged}\n\u202e\u009b`;
  using client = await RawClient.connected(one.port, {
    clientId: name,
    userName: name,
  });
  await client.send(subscribe(1, [`a/${name}`, 0]));
  await client.packet("suback");
  await client.send(publish({ topic: `$SYS/${name}` }));
  await one.logged("publish_denied");
  using other = await RawClient.open(one.port);
  await other.send(connect({ clientId: name.repeat(99) }));
  await other.untilClosed();
  await one.logged("connection_refused");
  const lines = one.stderr.trimEnd().split("\n");
  assertEquals(one.log.length, lines.length, "each line is JSON");
  assertEquals(one.log.filter(({ event }) => event === "forged"), []);
  const unsafe = [...lines.join("")].filter((one) =>
    /\p{Cc}|\u202e/u.test(one)
  );
  assertEquals(unsafe, []);
});
