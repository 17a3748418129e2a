/**
 * The dashboard of a real broker in Chromium, on both runtimes: what clients
 * have done is on its screens, and what is done there happens to them.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Browser, type Page } from "../support/browser.ts";
import { Authority } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { Peer } from "../support/mqtt_js.ts";
import { BrokerProcess } from "../support/process.ts";
import { Visitor } from "../support/visitor.ts";

/** Would do harm in a page that takes it for more than text. */
const HOSTILE = '"><img src=x onerror=alert(1)>/%2e%2e?a=b&c';

const DESKTOP = { width: 1440, height: 900, isDark: false, isPhone: false };

/** A broker, somebody who is logged in, and what is wrong with the page. */
interface Setting {
  broker: BrokerProcess;
  visitor: Visitor;
  faults: readonly string[];
}

function testDashboard(
  name: string,
  run: (setting: Setting) => Promise<void>,
  args: readonly string[] = [],
): void {
  testRuntime(name, async (runtime) => {
    const http = ["--http-listen", "127.0.0.1:0"];
    await using broker = await BrokerProcess.start({
      runtime,
      args: [...http, ...args],
    });
    const { url } = await broker.logged("http_listening");
    const { secret } = await broker.logged("http_secret");
    await using browser = await Browser.start();
    const page = await browser.open("about:blank");
    await page.setScreen(DESKTOP);
    const faults = await page.watchFaults();
    await page.navigate(`${url}/`);
    const visitor = new Visitor(page);
    await visitor.fill("Secret", String(secret));
    await visitor.press("Log in");
    await visitor.see("Connected");
    await run({ broker, visitor, faults });
  }, ["chromium"]);
}

testDashboard("clients on the dashboard", async (setting) => {
  const { broker, visitor, faults } = setting;
  await using one = await Peer.connect(broker, { clientId: HOSTILE });
  await one.client.subscribeAsync({ "<b>/+": { qos: 1 } });
  await using _ = await Peer.connect(broker, { clientId: "other" });
  await visitor.press("Clients");
  await visitor.see("1–2 of 2");
  await visitor.fill("Search by client, user or address", "ONERROR");
  await visitor.see("1–1 of 1");
  await visitor.press(HOSTILE);
  await visitor.see("<b>/+");
  await visitor.see("mqtt://127.0.0.1:");
  const isGone = new Promise<void>((resolve) =>
    one.client.once("close", () => resolve())
  );
  await visitor.press("Disconnect…");
  await visitor.press("Disconnect");
  await isGone;
  await visitor.see("is disconnected.");
  await visitor.press("Overview");
  await visitor.see("operator");
  assertEquals(faults, []);
});

testDashboard("retained messages on the dashboard", async (setting) => {
  const { broker, visitor, faults } = setting;
  await using peer = await Peer.connect(broker, { clientId: "peer" });
  await peer.client.publishAsync("a/b", "before", { retain: true });
  await peer.client.subscribeAsync("a/b");
  assertEquals(await peer.payloads(1), ["before"]);
  await visitor.press("Topics");
  await visitor.press("Levels below a");
  await visitor.press("b");
  await visitor.see("before");
  // What is in use is in the tree, too, and has nothing to show.
  await peer.client.subscribeAsync("used/#");
  for (let i = 0; i < 2; i++) {
    await peer.client.publishAsync("used/now", "x", { qos: 1 });
    await peer.arrivals(1);
  }
  await visitor.go("#/topics");
  await visitor.press("Levels below used");
  await visitor.press("now");
  await visitor.see("No message is retained for this topic.");
  await visitor.go("#/topics/=a%2Fb");
  await visitor.see("before");
  await visitor.fill("Payload", '{"now":1}');
  await visitor.press("Set");
  await visitor.see('"now": 1');
  assertEquals(await peer.payloads(1), ['{"now":1}']);
  await visitor.press("Delete…");
  await visitor.press("Delete");
  await visitor.see("a/b is deleted.");
  await visitor.see("No message is kept for these topics.");
  await visitor.press("New message");
  await visitor.fill("Topic", `x/${HOSTILE}`);
  await visitor.fill("Payload", "kept");
  await visitor.press("Set");
  await visitor.see("Retained message");
  await visitor.go("#/topics");
  await visitor.press(`x/${HOSTILE}`);
  await visitor.see("kept");
  await visitor.go("#/topics");
  await visitor.fill("Topic filter", "x/#");
  await visitor.press("Delete all of these…");
  await visitor.press("Delete");
  await visitor.see("1 message deleted.");
  assertEquals(faults, []);
});

testDashboard("messages come and go on the dashboard", async (setting) => {
  const { broker, visitor, faults } = setting;
  await using peer = await Peer.connect(broker, { clientId: "peer" });
  await peer.client.subscribeAsync("to/peer", { qos: 1 });
  await visitor.press("Live");
  await visitor.fill("Topic filter", "from/#");
  await visitor.press("Start");
  await visitor.see("Waiting for messages.");
  // The broker has it once a message of its own comes back.
  await visitor.fill("Topic", "from/page");
  await visitor.fill("Payload", HOSTILE);
  await visitor.press("Publish");
  await visitor.see("1 message.");
  await peer.client.publishAsync(`from/${HOSTILE}`, "<script>", { qos: 1 });
  await visitor.see("2 messages.");
  await visitor.see(`from/${HOSTILE}`);
  await visitor.fill("Topic", "to/peer");
  await visitor.fill("QoS", "1");
  await visitor.press("Publish");
  await visitor.see("to/peer to 1 receiver.");
  const [arrived] = await peer.arrivals(1);
  const payload = HOSTILE;
  const expected = { topic: "to/peer", payload, qos: 1, retain: false };
  assertEquals(arrived, expected);
  await visitor.press("Stop");
  await visitor.fill("Topic filter", "not/#/good");
  await visitor.press("Start");
  await visitor.miss("Connecting.");
  assertMatch(await visitor.text(), /Start/);
  assertEquals(faults, []);
});

testDashboard("sessions, listeners and logs on the dashboard", async (it) => {
  const { broker, visitor, faults } = it;
  const options = { clientId: "sleeper", clean: false };
  const sleeper = await Peer.connect(broker, options);
  await sleeper.client.subscribeAsync("a", { qos: 1 });
  await sleeper.client.endAsync();
  await using peer = await Peer.connect(broker, { clientId: "peer" });
  await peer.client.publishAsync("a", "waits", { qos: 1 });
  await visitor.press("Store");
  await visitor.press("sleeper");
  await visitor.see("not connected");
  await visitor.see("waiting");
  await visitor.press("Store");
  await visitor.press("Delete… the session of sleeper");
  await visitor.press("Delete");
  await visitor.see("The session of sleeper is deleted.");
  await visitor.miss("away");
  await visitor.press("Listeners");
  await visitor.see(`127.0.0.1:${broker.port}`);
  await visitor.see("anonymous");
  await visitor.press("Logs");
  await visitor.fill("Search", "sleeper");
  await visitor.see("client_id=sleeper");
  const { secret } = await broker.logged("http_secret");
  assert(!(await visitor.text()).includes(String(secret)));
  assertEquals(faults, []);
});

testRuntime("a certificate on the dashboard", async (runtime) => {
  using authority = new Authority();
  const issued = authority.issue("server", "localhost", { days: 2 });
  const { certFile, keyFile } = issued;
  await using broker = await BrokerProcess.listening(
    runtime,
    ["mqtts://127.0.0.1:0"],
    [
      ...["--http-listen", "127.0.0.1:0"],
      ...["--tls-cert", certFile, "--tls-key", keyFile],
    ],
  );
  const { url } = await broker.logged("http_listening");
  const { secret } = await broker.logged("http_secret");
  await using browser = await Browser.start();
  const page: Page = await browser.open(`${url}/#/listeners`);
  await page.setScreen(DESKTOP);
  const visitor = new Visitor(page);
  await visitor.fill("Secret", String(secret));
  await visitor.press("Log in");
  await visitor.see("localhost");
  await visitor.see("Warning");
  assertMatch(await visitor.text(), /[12] days?/);
  await visitor.press("Overview");
  await visitor.see("Warning");
}, ["chromium"]);

testRuntime("the dashboard at the one port", async (runtime) => {
  const http = ["--http-listen", "127.0.0.1:0"];
  const urls = ["any://127.0.0.1:0"];
  await using broker = await BrokerProcess.listening(runtime, urls, http);
  const { secret } = await broker.logged("http_secret");
  await using browser = await Browser.start();
  const page = await browser.open("about:blank");
  const faults = await page.watchFaults();
  await page.navigate(`http://127.0.0.1:${broker.port}/#/live`);
  const visitor = new Visitor(page);
  await visitor.fill("Secret", String(secret));
  await visitor.press("Log in");
  await visitor.press("Start");
  await visitor.see("Waiting for messages.");
  await using peer = await Peer.connect(broker, { clientId: "peer" });
  await peer.client.publishAsync("a", "by the same port", { qos: 1 });
  await visitor.see("by the same port");
  assertEquals(faults, []);
}, ["chromium"]);

testDashboard("nobody gets in without the secret", async (setting) => {
  const { broker, visitor } = setting;
  const { url } = await broker.logged("http_listening");
  await visitor.press("Log out");
  await visitor.fill("Secret", "a guess that is long enough");
  await visitor.press("Log in");
  await visitor.see("This is not the secret.");
  const answer = await fetch(`${url}/`);
  const policy = answer.headers.get("content-security-policy");
  assertMatch(String(policy), /^default-src 'none'; script-src 'sha256-/);
  assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
  assertMatch(await answer.text(), /^<!doctype html>/);
  assertEquals(await statusOf(`${url}/api/v1/status`), 401);
});

async function statusOf(url: string): Promise<number> {
  const { body, status } = await fetch(url);
  await body?.cancel();
  return status;
}
