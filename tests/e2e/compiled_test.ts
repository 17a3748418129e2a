/**
 * The broker as one file: built as `deno task compile:bun` builds it, started
 * without a runtime beside it, and published through. Deno's counterpart
 * needs a download, so it is not built here.
 */

import { assertEquals } from "@std/assert";
import { Browser } from "../support/browser.ts";
import { mosquitto, MosquittoSubscriber } from "../support/mosquitto.ts";
import {
  hasNoticeSockets,
  NoticeListener,
} from "../support/notice_listener.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { BrokerProcess, runBroker } from "../support/process.ts";
import { isAbsent } from "../support/tools.ts";
import { Visitor } from "../support/visitor.ts";
import denoJson from "../../deno.json" with { type: "json" };

Deno.test({
  name: "the file that compile:bun builds is a broker",
  ignore: isAbsent("bun") || isAbsent("mosquitto_sub"),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
    try {
      const file = `${folder}/broker-bun`;
      await compile(file);
      const runtime = { file };
      const { stdout } = await runBroker({ runtime, args: ["--version"] });
      assertEquals(stdout.includes(denoJson.version), true, stdout);
      const http = ["--http-listen", "127.0.0.1:0"];
      const args = ["--data", `${folder}/state`, ...http];
      await using manager = hasNoticeSockets()
        ? NoticeListener.open()
        : undefined;
      const env = { NOTIFY_SOCKET: manager?.address ?? "" };
      await using broker = await BrokerProcess.start({ runtime, args, env });
      // Functions of libc are called from a file, too.
      await manager?.until("READY=1");
      await using subscriber = await MosquittoSubscriber.start(broker.port, [
        ...["-q", "1", "-t", "a", "-C", "1"],
      ]);
      // Acknowledged once the store's thread, which is in the file, has it.
      const message = ["-r", "-q", "1", "-t", "a", "-m", "hello"];
      await mosquitto("mosquitto_pub", broker.port, message);
      assertEquals(await subscriber.messages(), ["a 1 0 hello"]);
      if (!isAbsent("chromium")) await lookAtDashboard(broker, folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Its program is text of classes, which the compiler has changed. */
async function lookAtDashboard(
  broker: BrokerProcess,
  folder: string,
): Promise<void> {
  const { url } = await broker.logged("http_listening");
  await using browser = await Browser.start();
  const page = await browser.open("about:blank");
  const faults = await page.watchFaults();
  await page.navigate(`${url}/#/topics`);
  const visitor = new Visitor(page);
  const secret = await Deno.readTextFile(`${folder}/state/api-secret`);
  await visitor.fill("Secret", secret);
  await visitor.press("Log in");
  await visitor.see("hello");
  for (const name of ["Overview", "Clients", "Live", "Store", "Listeners"]) {
    await visitor.press(name);
  }
  await visitor.press("Logs");
  await visitor.see("client_connected");
  assertEquals(faults, []);
}

async function compile(file: string): Promise<void> {
  const script = pathOf(new URL(".ci/compile.ts", REPO));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, "bun", file],
    stdout: "null",
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
}
