/** The driver of the browser, against pages that are addresses themselves. */

import { assertEquals, assertRejects } from "@std/assert";
import { Browser } from "./browser.ts";
import { isAbsent } from "./tools.ts";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

Deno.test({
  name: "a browser runs functions in pages and takes pictures of them",
  ignore: isAbsent("chromium"),
  async fn() {
    await using browser = await Browser.start();
    const page = await browser.open("data:text/html,one");
    const sum = async (numbers: number[]) => {
      await Promise.resolve();
      return numbers.reduce((all, one) => all + one);
    };
    assertEquals(await page.evaluate(sum, [1, 2, 3]), 6);
    const fail = () => {
      throw new Error("thrown in the page");
    };
    await assertRejects(
      () => page.evaluate(fail, undefined),
      Error,
      "thrown in the page",
    );
    await page.navigate("data:text/html,two");
    const address = await page.evaluate(() => location.href, undefined);
    assertEquals(address, "data:text/html,two");
    const picture = await page.screenshot();
    assertEquals([...picture.subarray(0, 8)], PNG_SIGNATURE);
  },
});
