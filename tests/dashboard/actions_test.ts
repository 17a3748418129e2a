/**
 * All that can be done on the page, in Chromium, and what it then asks of
 * the API; and what it says when the API does not do it.
 */

import { assert, assertEquals } from "@std/assert";
import { Browser } from "../support/browser.ts";
import { isAbsent } from "../support/tools.ts";
import { Visitor } from "../support/visitor.ts";
import { FakeApi, SECRET } from "./fake_api.ts";
import { HOSTILE } from "./fake_broker.ts";

type Run = (visitor: Visitor, api: FakeApi) => Promise<void>;

/** By what they show, each on the page that the one before has left. */
const STEPS: Readonly<Record<string, Run>> = {
  "a chart tells of the moment that is pointed at": async (visitor) => {
    await visitor.see("now");
    await visitor.page.evaluate(point, "pointermove");
    await visitor.see("at ");
    await visitor.page.evaluate(point, "pointerleave");
    await visitor.miss("at ");
  },
  "clients are found by a text": async (visitor) => {
    await visitor.press("Clients");
    await visitor.see("1–100 of 10,000");
    await visitor.fill("Search by client, user or address", "10.1.39.");
    await visitor.see("1–16 of 16");
    await visitor.fill("Search by client, user or address", "");
  },
  "clients come in pages": async (visitor) => {
    await visitor.see("1–100 of 10,000");
    await visitor.press("Next");
    await visitor.see("101–200 of 10,000");
    await visitor.press("Next");
    await visitor.see("201–300 of 10,000");
    await visitor.press("Previous");
    await visitor.see("101–200 of 10,000");
  },
  "clients are sorted, and then from the first page": async (visitor) => {
    await visitor.press("Published");
    await visitor.see("1–100 of 10,000");
    await visitor.see("gateway-09999");
    await visitor.press("Published");
    await visitor.see(HOSTILE[0]!);
    await visitor.press("Published");
    await visitor.see("gateway-09999");
  },
  "a client is disconnected after a question": async (visitor, api) => {
    await visitor.press("gateway-09999");
    await visitor.see("retain as published");
    await visitor.press("Disconnect…");
    await visitor.press("Cancel");
    await visitor.miss("Disconnect this client?");
    assertEquals(api.changes, []);
    await visitor.press("Disconnect…");
    await visitor.press("Disconnect");
    await visitor.see("gateway-09999 is disconnected.");
    const change = { name: "disconnectClient", clientId: "gateway-09999" };
    assertEquals(api.changes, [change]);
  },
  "a client of any name is the one that is named": async (visitor, api) => {
    for (const clientId of HOSTILE) {
      await visitor.go(`#/clients/${encodeURIComponent(clientId)}`);
      await visitor.press("Disconnect…");
      await visitor.press("Disconnect");
      await visitor.see("is disconnected.");
      await visitor.see("1–100 of");
      const change = { name: "disconnectClient", clientId };
      assertEquals(api.changes.at(-1), change);
    }
  },
  "a client that no path can name is named, too": async (visitor, api) => {
    await visitor.go("#/clients/..");
    await visitor.see("plant/line 4/press/temperature");
    await visitor.press("Disconnect…");
    await visitor.press("Disconnect");
    await visitor.see(".. is disconnected.");
    const change = { name: "disconnectClient", clientId: ".." };
    assertEquals(api.changes.at(-1), change);
  },
  "topics are found by a filter and by their levels": async (visitor) => {
    await visitor.press("Topics");
    await visitor.see("1–100 of 708");
    await visitor.press("Levels below plant");
    await visitor.press("Levels below line 1");
    await visitor.press("oven");
    await visitor.see("plant/line 1/oven/sensor-1");
    await visitor.press("line 2");
    await visitor.see("1–100 of 100");
    await visitor.miss("plant/line 1/oven/sensor-1");
    await visitor.press("All topics");
    await visitor.see("1–100 of 708");
    await visitor.press("Levels below plant");
    await visitor.press("Levels below plant");
    await visitor.press("Levels below line 1");
    await visitor.see("oven");
    await visitor.fill("Topic filter", "plant/#/saw");
    await visitor.see("In a topic filter + stands for a level");
  },
  "a retained message is set": async (visitor, api) => {
    await visitor.fill("Topic filter", "status");
    await visitor.press("hostile/<script>alert(2)</script>");
    await visitor.see('"temperature": 20.5');
    await visitor.fill("Payload", "on");
    await visitor.fill("QoS", "2");
    await visitor.press("Set");
    await visitor.see("hostile/<script>alert(2)</script> is set.");
    const topic = "hostile/<script>alert(2)</script>";
    const change = { name: "setRetained", topic, payload: "on", qos: 2 };
    assertEquals(api.changes.at(-1), change);
  },
  "a retained message is made": async (visitor, api) => {
    await visitor.go("#/topics");
    await visitor.press("New message");
    await visitor.fill("Topic", "status");
    await visitor.fill("Payload", "new");
    await visitor.press("Set");
    await visitor.see("Retained message");
    const message = { topic: "status", payload: "new", qos: 0 };
    assertEquals(api.changes.at(-1), { name: "setRetained", ...message });
  },
  "a topic that no path can name is set, too": async (visitor, api) => {
    await visitor.go("#/topics/=..");
    await visitor.see("No message is retained for this topic.");
    await visitor.fill("Payload", "up");
    await visitor.press("Set");
    await visitor.see(".. is set.");
    const message = { topic: "..", payload: "up", qos: 0 };
    assertEquals(api.changes.at(-1), { name: "setRetained", ...message });
    await visitor.go("#/topics/=status");
  },
  "a retained message is deleted": async (visitor, api) => {
    await visitor.press("Delete…");
    await visitor.press("Delete");
    await visitor.see("status is deleted.");
    const change = { name: "forgetRetained", topic: "status" };
    assertEquals(api.changes.at(-1), change);
  },
  "retained messages are deleted by a filter": async (visitor, api) => {
    await visitor.fill("Topic filter", "plant/#");
    await visitor.see("1–100 of 700");
    await visitor.press("Delete all of these…");
    await visitor.press("Delete");
    await visitor.see("12 messages deleted.");
    const change = { name: "deleteRetained", filter: "plant/#" };
    assertEquals(api.changes.at(-1), change);
  },
  "messages are seen as they come": async (visitor) => {
    await visitor.press("Live");
    await visitor.press("Start");
    await visitor.see("52 messages, 40 of them too fast to be shown.");
    await visitor.see("hostile/javascript:alert(4)");
    await visitor.press("Stop");
    await visitor.see("Stopped.");
    await visitor.press("Clear");
    await visitor.see("Press Start to see messages");
    await visitor.fill("Topic filter", "##");
    await visitor.press("Start");
    await visitor.see("This is no topic filter.");
  },
  "a message is published": async (visitor, api) => {
    await visitor.fill("Topic", "a/<b>");
    await visitor.fill("Payload", "two\nlines");
    await visitor.fill("QoS", "1");
    await visitor.fill("Retain", "on");
    await visitor.press("Publish");
    await visitor.see("a/<b> to 2 receivers.");
    const message = {
      topic: "a/<b>",
      payload: "two\nlines",
      qos: 1,
      retain: true,
    };
    assertEquals(api.changes.at(-1), { name: "publish", ...message });
  },
  "a session is deleted": async (visitor, api) => {
    await visitor.press("Store");
    await visitor.see("/var/lib/broker/broker.db");
    await visitor.press("Delete… the session of gateway-00007");
    await visitor.press("Delete");
    await visitor.see("The session of gateway-00007 is deleted.");
    const change = { name: "deleteSession", clientId: "gateway-00007" };
    assertEquals(api.changes.at(-1), change);
  },
  "lines of the log are found": async (visitor) => {
    await visitor.press("Logs");
    await visitor.see("gateway-118");
    await visitor.fill("Level", "error");
    await visitor.miss("gateway-118");
    await visitor.fill("Level", "debug");
    await visitor.fill("Search", "GATEWAY-118");
    await visitor.see("gateway-118");
    await visitor.miss("gateway-117");
    await visitor.press("Pause");
    await visitor.see("Go on");
  },
  "the theme is chosen, and stays": async (visitor) => {
    await visitor.fill("Theme", "dark");
    const ground = await visitor.page.evaluate(() => {
      const { document, getComputedStyle } = globalThis as unknown as {
        document: { body: unknown };
        getComputedStyle(element: unknown): { backgroundColor: string };
      };
      return getComputedStyle(document.body).backgroundColor;
    }, undefined);
    assertEquals(ground, "rgb(14, 19, 24)");
  },
  "what the API says is told": async (visitor, api) => {
    api.fault = { status: 429, message: "Too many questions." };
    await visitor.press("Clients");
    await visitor.see("Too many questions.");
    api.fault = undefined;
    await visitor.see("Connected");
  },
  "a token that has run out leads to the login": async (visitor, api) => {
    api.fault = { status: 401, message: "The token has run out." };
    await visitor.see("The login has run out.");
    api.fault = undefined;
    await visitor.fill("Secret", SECRET);
    await visitor.press("Log in");
    await visitor.see("1–100 of 10,000");
  },
  "nothing is left after the logout": async (visitor, api) => {
    await visitor.press("Log out");
    await visitor.see("Secret");
    const left = await visitor.page.evaluate(() => sessionStorage.length, 0);
    assertEquals(left, 0);
    await visitor.page.navigate(`${api.url}?anew`);
    await visitor.see("Secret");
    assert(!(await visitor.text()).includes("gateway"));
  },
};

/** In the page: does something with a pointer on the first chart. */
function point(kind: string): void {
  const { document } = globalThis as unknown as {
    document: { querySelector(selector: string): EventTarget };
  };
  document.querySelector(".plot").dispatchEvent(new Event(kind));
}

Deno.test({
  name: "each action of the page asks the API for it",
  ignore: isAbsent("chromium"),
  async fn(test) {
    await using api = new FakeApi();
    await using browser = await Browser.start();
    const page = await browser.open("about:blank");
    await page.setScreen({
      width: 1440,
      height: 900,
      isDark: false,
      isPhone: false,
    });
    const faults = await page.watchFaults();
    await page.navigate(api.url);
    const visitor = new Visitor(page);
    await test.step("a wrong secret is none", async () => {
      await visitor.fill("Secret", "a guess");
      await visitor.press("Log in");
      await visitor.see("This is not the secret.");
      await visitor.fill("Secret", SECRET);
      await visitor.press("Log in");
      await visitor.see("Event-loop lag");
    });
    for (const [name, run] of Object.entries(STEPS)) {
      await test.step(name, () => run(visitor, api));
    }
    assertEquals(faults.filter((fault) => !isAsked(fault)), []);
  },
});

/** The browser's own words for the answers that the steps have asked for. */
function isAsked(fault: string): boolean {
  return /responded with a status of (?:401|403|429)/.test(fault);
}
