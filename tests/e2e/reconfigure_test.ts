/**
 * A configuration file that changes while clients are connected: what they
 * see of that, and what they don't.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { withFile } from "../support/config_file.ts";
import { testRuntime } from "../support/e2e.ts";
import { broker as command, loggedIn, loginCode } from "../support/login.ts";
import { freePort } from "../support/free_port.ts";
import type { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  connect,
  disconnect,
  pingreq,
  publish,
  subscribe,
} from "../support/wire.ts";

const PLAIN = "mqtt://127.0.0.1:0";
const NOT_AUTHORIZED = 5;

/** Writes the file anew and has it read. */
async function change(
  broker: BrokerProcess,
  path: string,
  config: unknown,
  event = "reloaded",
): Promise<void> {
  const count = broker.log.filter((line) => line.event === event).length;
  await Deno.writeTextFile(path, JSON.stringify(config));
  broker.signal("SIGHUP");
  await broker.logged(
    event,
    () => broker.log.filter((line) => line.event === event).length > count,
  );
}

async function isAlive(client: RawClient): Promise<void> {
  await client.send(pingreq());
  await client.packet("pingresp");
}

testRuntime("listeners come and go, and clients stay", async (runtime) => {
  const [one, two] = [freePort(), freePort()];
  const listen = [`mqtt://127.0.0.1:${one}`];
  await withFile(runtime, { listen }, async (broker, path) => {
    using client = await RawClient.connected(one, { clientId: "1" });
    await change(broker, path, { listen: [`mqtt://127.0.0.1:${two}`] });
    using _other = await RawClient.connected(two, { clientId: "2" });
    await isAlive(client);
    const refused = await Deno.connect({ hostname: "127.0.0.1", port: one })
      .then(() => false, () => true);
    assert(refused, "the old port is closed");
    // The same place with other settings, and the first one again.
    const mounted = `mqtt://127.0.0.1:${two}?anonymous=no`;
    await change(broker, path, { listen: [mounted, listen[0]] });
    assertEquals(await loginCode(two, undefined), NOT_AUTHORIZED);
    using _again = await RawClient.connected(one, { clientId: "3" });
    await isAlive(client);
  });
});

testRuntime(
  "a file that can't be followed changes nothing",
  async (runtime) => {
    const [one, two] = [freePort(), freePort()];
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const listen = [`mqtt://127.0.0.1:${one}`];
    await withFile(runtime, { listen }, async (broker, path) => {
      using client = await RawClient.connected(one, { clientId: "1" });
      const others = [
        { listen: [`mqtt://127.0.0.1:${two}`], prot: 1 },
        { listen: [`mqtt://127.0.0.1:${two}`], "password-file": "/no/such" },
        {
          listen: [
            `mqtt://127.0.0.1:${two}`,
            `mqtt://127.0.0.1:${taken.addr.port}`,
          ],
          "connections-max": 1,
        },
      ];
      for (const config of others) {
        await change(broker, path, config, "reload_failed");
        await isAlive(client);
        using _other = await RawClient.connected(one, { clientId: "2" });
        const isOpen = await Deno.connect({ hostname: "127.0.0.1", port: two })
          .then((conn) => (conn.close(), true), () => false);
        assertEquals(isOpen, false);
      }
      const lines = broker.log.filter((line) => line.event === "reload_failed");
      assertMatch(
        lines[0]!.message,
        /all stays as it was: .*:1: there is no set/,
      );
    });
    taken.close();
  },
);

testRuntime("what is not said to clients changes, too", async (runtime) => {
  const usual = { listen: [PLAIN], "sys-interval": "0s" };
  await withFile(runtime, usual, async (broker, path) => {
    const stored = { clientId: "reader", cleanSession: false };
    using reader = await RawClient.connected(broker.port, stored);
    await reader.send(subscribe(1, ["a", 1]));
    await reader.packet("suback");
    await reader.send(disconnect());
    await reader.untilClosed();
    using teller = await RawClient.connected(broker.port, { clientId: "t" });
    await change(broker, path, {
      ...usual,
      "queue-qos0": true,
      "queue-overflow": "drop-oldest",
      "share-strategy": "hash-topic",
      "strict-client-id": true,
      "sys-interval": "1s",
      "backlog-messages-max": 2,
    });
    assertEquals(
      broker.log.filter((one) => one.event === "restart_needed"),
      [],
    );
    for (const payload of ["1", "2", "3"]) {
      await teller.send(publish({ topic: "a", payload }));
    }
    assertEquals(await teller.packetsBeforePong(), []);
    await teller.send(subscribe(1, ["$SYS/broker/version", 0]));
    await teller.packet("suback");
    await teller.packet("publish");
    using again = await RawClient.open(broker.port);
    await again.send(connect(stored));
    await again.packet("connack");
    const queued = [
      await again.packet("publish"),
      await again.packet("publish"),
    ];
    assertEquals(queued.map(({ payload }) => payload), ["2", "3"]);
    const long = { clientId: "x".repeat(24), level: 3 } as const;
    using third = await RawClient.open(broker.port);
    await third.send(connect(long));
    assertEquals((await third.packet("connack")).returnCode, 2);
  });
});

testRuntime(
  "logins, rights and limits change with the file",
  async (runtime) => {
    await withFile(
      runtime,
      { listen: [PLAIN] },
      async (broker, path, folder) => {
        const { port } = broker;
        const users = `${folder}/users`;
        const fewer = `${folder}/fewer`;
        await command(runtime, ["passwd", users, "ada"], "pencil\n");
        await Deno.copyFile(users, fewer);
        await command(runtime, ["passwd", users, "bob"], "chalk\n");
        using nobody = await RawClient.connected(port, { clientId: "nobody" });
        const guarded = { listen: [PLAIN], "password-file": users };
        await change(broker, path, guarded);
        await nobody.untilClosed();
        assertEquals(await loginCode(port, undefined), NOT_AUTHORIZED);
        using ada = await loggedIn(port, "ada", "pencil");
        using bob = await loggedIn(port, "bob", "chalk");
        await change(broker, path, {
          ...guarded,
          "password-file": fewer,
          "allow-anonymous": true,
          "connections-max": 1,
          "log-level": "warn",
          "retain": false,
        }, "restart_needed");
        await bob.untilClosed();
        await isAlive(ada);
        const { message } = await broker.logged("restart_needed");
        assertEquals(message, "needs a restart: retain");
        using third = await RawClient.open(port);
        assertEquals((await third.untilClosed()).length, 0);
      },
    );
  },
);
