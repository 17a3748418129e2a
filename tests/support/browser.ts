/**
 * Debian's Chromium without a window, driven by its DevTools protocol: opens
 * pages, runs functions in them, takes pictures. It keeps nothing: its
 * profile is a folder that goes with it. What pages do is in the tests.
 *
 * ```ts ignore
 * await using browser = await Browser.start();
 * const page = await browser.open("http://127.0.0.1:8080/");
 * const url = await page.evaluate(() => location.href, undefined);
 * ```
 */

import { createHash, X509Certificate } from "node:crypto";
import { within } from "./deadline.ts";

/** A program that is this large is not started in a moment. */
const START_MS_MAX = 60_000;

const ADDRESS = /^DevTools listening on (ws:\S+)$/m;

/** The pages are the tests' own, and nobody looks. */
const FLAGS: readonly string[] = [
  "--headless",
  "--remote-debugging-port=0",
  // Its sandbox does not run as root, nor in most containers.
  "--no-sandbox",
  // Containers have little of the memory that processes share.
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--no-first-run",
  "--no-proxy-server",
  // It asks nobody for updates, lists or names.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-extensions",
  "--disable-sync",
];

/** A screen. */
export interface Screen {
  width: number;
  height: number;
  isDark: boolean;
  isPhone: boolean;
}

/** What some keys are called by old numbers, which the browser goes by. */
const KEYS: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
};

export interface BrowserOptions {
  /** A certificate, PEM, that it trusts whoever has signed it. */
  trusts?: string;
}

/** What the protocol answers; what is in it depends on the question. */
type Answer = Record<string, unknown>;

interface Question {
  resolve: (answer: Answer) => void;
  reject: (reason: Error) => void;
}

/** What comes from the browser: an answer, or news. */
interface Told {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Answer;
  result?: Answer;
  error?: { message: string };
}

/** A browser that runs until it is disposed of. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #stderr: Promise<void>;
  readonly #address = Promise.withResolvers<string>();
  #devTools!: DevTools;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#stderr = this.#readStderr();
  }

  /** Waits until it can be driven. */
  static async start({ trusts }: BrowserOptions = {}): Promise<Browser> {
    const folder = await Deno.makeTempDir({ prefix: "broker-browser-" });
    const child = new Deno.Command("chromium", {
      args: [
        ...FLAGS,
        `--user-data-dir=${folder}`,
        ...(trusts === undefined ? [] : [
          `--ignore-certificate-errors-spki-list=${keyHash(trusts)}`,
        ]),
        "about:blank",
      ],
      // What it keeps beside its profile goes with that.
      env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const browser = new Browser(child, folder);
    try {
      const started = browser.#address.promise.then(DevTools.connect);
      const what = "Chromium to start";
      browser.#devTools = await within(started, what, () => {}, START_MS_MAX);
      return browser;
    } catch (error) {
      await browser[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A new page, when all of it is loaded. */
  async open(url: string): Promise<Page> {
    const devTools = this.#devTools;
    const { targetId } = await devTools.ask("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await devTools.ask("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const page = new Page(devTools, sessionId as string);
    await page.navigate(url);
    return page;
  }

  /** Ends it, and takes away what it has kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Its first process ends all others, and each of them holds its stderr.
    const gone = Promise.all([this.#child.status, this.#stderr]);
    const kill = () => this.#kill();
    if (this.#devTools === undefined) kill();
    else this.#devTools.ask("Browser.close", {}).catch(() => {});
    try {
      await within(gone, "the end of Chromium", kill);
    } finally {
      await gone;
      await this.#devTools?.closed;
      await Deno.remove(this.#folder, { recursive: true });
    }
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** Its address is among what it says of its troubles. */
  async #readStderr(): Promise<void> {
    let text = "";
    const { stderr } = this.#child;
    for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const address = ADDRESS.exec(text)?.[1];
      if (address !== undefined) this.#address.resolve(address);
    }
    this.#address.reject(new Error(`Chromium has ended: ${text}`));
    this.#address.promise.catch(() => {});
  }
}

/** A page of a browser. */
export class Page {
  readonly #devTools: DevTools;
  readonly #sessionId: string;

  /** Made by {@linkcode Browser}. */
  constructor(devTools: DevTools, sessionId: string) {
    this.#devTools = devTools;
    this.#sessionId = sessionId;
  }

  /** Goes to another address, and waits until all of it is loaded. */
  async navigate(url: string): Promise<void> {
    await this.#ask("Page.enable", {});
    const loaded = this.#devTools.news("Page.loadEventFired", this.#sessionId);
    const { errorText } = await this.#ask("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await within(loaded, `${url} to be loaded`);
  }

  /**
   * Runs a function in the page. It goes there as text: what it uses comes
   * in as its argument, which is JSON, as is what it returns.
   */
  async evaluate<Given, Result>(
    run: (given: Given) => Result | Promise<Result>,
    given: Given,
  ): Promise<Result> {
    const { result, exceptionDetails } = await this.#ask("Runtime.evaluate", {
      expression: `(${run})(${JSON.stringify(given)})`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
    }
    return (result as { value: Result }).value;
  }

  /** What the page looks like, as a PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.#ask("Page.captureScreenshot", {});
    return Uint8Array.fromBase64(data as string);
  }

  /** Whose screen it is on. */
  async setScreen({ width, height, isDark, isPhone }: Screen): Promise<void> {
    await this.#ask("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: isPhone,
    });
    const value = isDark ? "dark" : "light";
    await this.#ask("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value }],
    });
  }

  /** Presses a key, as somebody at a keyboard does. */
  async press(key: string, text = ""): Promise<void> {
    const asked = { key, code: key, windowsVirtualKeyCode: KEYS[key] ?? 0 };
    const type = text === "" ? "rawKeyDown" : "keyDown";
    await this.#ask("Input.dispatchKeyEvent", { ...asked, type, text });
    await this.#ask("Input.dispatchKeyEvent", { ...asked, type: "keyUp" });
  }

  /**
   * All that the browser finds wrong with the page from now on: what it has
   * thrown, refused, not found, or written to the console as an error.
   */
  async watchFaults(): Promise<readonly string[]> {
    const faults: string[] = [];
    this.#devTools.listen(this.#sessionId, (method, params) => {
      const fault = faultOf(method, params);
      if (fault !== undefined) faults.push(fault);
    });
    await this.#ask("Runtime.enable", {});
    await this.#ask("Log.enable", {});
    return faults;
  }

  #ask(method: string, params: Answer): Promise<Answer> {
    return this.#devTools.ask(method, params, this.#sessionId);
  }
}

/** The DevTools protocol: numbered questions, answers, and news. */
class DevTools {
  /** Settled when the browser has hung up. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #questions: Map<number, Question> = new Map<number, Question>();
  readonly #listeners: Set<(told: Told) => void> = new Set();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data as string));
    this.closed = new Promise((resolve) => {
      socket.onclose = () => {
        const gone = new Error("Chromium has hung up");
        for (const { reject } of this.#questions.values()) reject(gone);
        resolve();
      };
    });
  }

  static async connect(this: void, address: string): Promise<DevTools> {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("no way to Chromium"));
    });
    return new DevTools(socket);
  }

  /** Asks the browser, or the page of a session. */
  ask(method: string, params: Answer, sessionId?: string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const id = ++this.#lastId;
    this.#questions.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return within(promise, `Chromium's answer to ${method}`);
  }

  /** Settled with the next news of that name. */
  news(method: string, sessionId: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = (told: Told) => {
        if (told.method !== method || told.sessionId !== sessionId) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  /** Tells all news of a session. */
  listen(
    sessionId: string,
    heard: (method: string, params: Answer) => void,
  ): void {
    this.#listeners.add((told) => {
      if (told.sessionId !== sessionId || told.method === undefined) return;
      heard(told.method, told.params ?? {});
    });
  }

  #take(told: Told): void {
    for (const listener of this.#listeners) listener(told);
    const question = this.#questions.get(told.id ?? 0);
    if (question === undefined) return;
    this.#questions.delete(told.id!);
    if (told.error === undefined) question.resolve(told.result ?? {});
    else question.reject(new Error(`Chromium: ${told.error.message}`));
  }
}

/** A sentence, where news are bad. */
function faultOf(method: string, params: Answer): string | undefined {
  switch (method) {
    case "Runtime.exceptionThrown":
      return JSON.stringify(params["exceptionDetails"]);
    case "Runtime.consoleAPICalled":
      return params["type"] === "error"
        ? JSON.stringify(params["args"])
        : undefined;
    case "Log.entryAdded": {
      const { level, text, url } = params["entry"] as Record<string, string>;
      return level === "error" ? `${text} (${url})` : undefined;
    }
    default:
      return undefined;
  }
}

/** Of a certificate's public key, as Chromium wants to have it named. */
function keyHash(pem: string): string {
  const { publicKey } = new X509Certificate(pem);
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
