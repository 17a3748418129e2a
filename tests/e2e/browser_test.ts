/**
 * MQTT.js in a page of Chromium against a broker process, by WebSocket and by
 * WebSocket in TLS: what people have on screens. The client is that of
 * `mqtt_js_test.ts`; the WebSocket, the TLS and the origin are the browser's.
 */

import { assertEquals } from "@std/assert";
import type Mqtt from "mqtt";
import { Browser } from "../support/browser.ts";
import { Authority, type Issued } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { BROWSER_SCRIPT } from "../support/mqtt_js.ts";
import { BrokerProcess } from "../support/process.ts";

const VERSIONS = [3, 4, 5] as const;
/** Many frames, and many reads of any size. */
const LARGE_BYTES = 1 << 20;

interface Talk {
  url: string;
  protocolVersion: typeof VERSIONS[number];
  large: string;
}

/** What a page has seen of its talk with the broker. */
interface Heard {
  granted: number[];
  arrived: (readonly [topic: string, qos: number, payload: string])[];
  isLargeWhole: boolean;
}

const HEARD: Heard = {
  granted: [0, 1, 2, 2],
  arrived: [
    ["a/b/c", 0, "zero"],
    ["b/x/y", 1, "one"],
    ["c", 2, "two"],
    ["b/end", 1, "the end"],
  ],
  isLargeWhole: true,
};

for (const scheme of ["ws", "wss"]) {
  testRuntime(`MQTT.js in Chromium over ${scheme}`, async (runtime) => {
    using authority = new Authority();
    const server = authority.issue("server", "localhost");
    const trusts = await Deno.readTextFile(server.certFile);
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: [
        ...["--listen", `${scheme}://127.0.0.1:0/mqtt`],
        ...scheme === "ws" ? [] : keyPair(server),
      ],
    });
    await using pages = servePages();
    await using browser = await Browser.start({ trusts });
    const page = await browser.open(urlOf(pages));
    const large = Array.from({ length: LARGE_BYTES / 4 }, (_, i) => i)
      .join(" ").slice(0, LARGE_BYTES);
    const url = `${scheme}://127.0.0.1:${broker.port}/mqtt`;
    for (const protocolVersion of VERSIONS) {
      const heard = await page.evaluate(talk, { url, protocolVersion, large });
      assertEquals(heard, HEARD, `version ${protocolVersion}`);
      const { reason } = await broker.logged(
        "client_disconnected",
        (line) => line.client_id === `page-${protocolVersion}`,
      );
      assertEquals(reason, "the client disconnected");
    }
  }, ["chromium"]);
}

testRuntime("a page of another origin is refused", async (runtime) => {
  await using pages = servePages();
  const own = urlOf(pages);
  const listen = `ws://127.0.0.1:0/mqtt?origin=${own}`;
  const args = ["--listen", listen];
  await using broker = await BrokerProcess.startBare({ runtime, args });
  const url = `ws://127.0.0.1:${broker.port}/mqtt`;
  await using browser = await Browser.start();
  const page = await browser.open(own);
  assertEquals(await page.evaluate(opens, url), true);
  // The same page, and the same machine: it is the name that counts.
  await page.navigate(own.replace("127.0.0.1", "localhost"));
  assertEquals(await page.evaluate(opens, url), false);
  await broker.logged(
    "connection_closed",
    ({ reason }) => reason!.startsWith("no WebSocket (403)"),
  );
}, ["chromium"]);

/** In the page: subscribes, publishes to itself, and tells what it heard. */
async function talk({ url, protocolVersion, large }: Talk): Promise<Heard> {
  const { mqtt } = globalThis as unknown as { mqtt: typeof Mqtt };
  const client = await mqtt.connectAsync(url, {
    protocolVersion,
    ...(protocolVersion === 3 ? { protocolId: "MQIsdp" } : {}),
    clientId: `page-${protocolVersion}`,
    reconnectPeriod: 0,
  });
  const arrived: Heard["arrived"] = [];
  const last = new Map<string, () => void>();
  let isLargeWhole = false;
  client.on("message", (topic, payload, { qos }) => {
    const text = payload.toString();
    if (topic === "large") isLargeWhole = text === large;
    else arrived.push([topic, qos, text]);
    last.get(topic)?.();
  });
  const until = (topic: string) =>
    new Promise<void>((resolve) => last.set(topic, resolve));
  const granted = await client.subscribeAsync({
    "a/+/c": { qos: 0 },
    "b/#": { qos: 1 },
    "c": { qos: 2 },
    "large": { qos: 2 },
  });
  const isLargeHere = until("large");
  await client.publishAsync("a/b/c", "zero", { qos: 0 });
  await client.publishAsync("b/x/y", "one", { qos: 1 });
  await client.publishAsync("c", "two", { qos: 2 });
  await client.publishAsync("large", large, { qos: 2 });
  await isLargeHere;
  await client.unsubscribeAsync(["a/+/c", "c"]);
  const isEndHere = until("b/end");
  await client.publishAsync("a/b/c", "to nobody", { qos: 0 });
  await client.publishAsync("c", "to nobody", { qos: 2 });
  await client.publishAsync("b/end", "the end", { qos: 1 });
  await isEndHere;
  await client.endAsync();
  return { granted: granted.map(({ qos }) => qos), arrived, isLargeWhole };
}

/** In the page: whether it may open a WebSocket. */
function opens(url: string): Promise<boolean> {
  const socket = new WebSocket(url, "mqtt");
  return new Promise((resolve) => {
    socket.onopen = () => {
      socket.close();
      resolve(true);
    };
    socket.onerror = () => resolve(false);
  });
}

/** Whatever is asked for is a page with MQTT.js, or that. */
function servePages(): Deno.HttpServer<Deno.NetAddr> {
  const address = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(address, async ({ url }) => {
    const isScript = url.endsWith("/mqtt.js");
    const body = isScript
      ? await Deno.readTextFile(BROWSER_SCRIPT)
      : "<!doctype html><script src=/mqtt.js></script>";
    const type = isScript ? "text/javascript" : "text/html";
    return new Response(body, { headers: { "content-type": type } });
  });
}

function urlOf({ addr }: Deno.HttpServer<Deno.NetAddr>): string {
  return `http://127.0.0.1:${addr.port}`;
}

function keyPair({ certFile, keyFile }: Issued): string[] {
  return ["--tls-cert", certFile, "--tls-key", keyFile];
}
