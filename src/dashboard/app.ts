/**
 * The whole page: who is logged in, which screen is shown, and the question
 * how the broker is, every two seconds.
 *
 * @module
 */

import type { Status } from "./api_types.ts";
import type { Doc, El } from "./browser_types.ts";
import type { Kit, View } from "./kit.ts";
import type { LoginView } from "./login_view.ts";
import type { Parts } from "./parts.ts";

/** Its text is part of the page: see `page.ts`. */
export class App {
  readonly #kit: Kit;
  readonly #root: El;
  readonly #login: LoginView;
  readonly #frame: El;
  readonly #heading: El;
  readonly #main: El;
  readonly #menu: El;
  readonly #state: El;
  readonly #version: El;
  readonly #links = new Map<string, El>();
  readonly #pollMs = 2000;
  #views: ReadonlyMap<string, View> = new Map();
  #view: View | undefined;
  #refreshedMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  /** @param parts All classes of the page. */
  constructor(document: Doc, parts: Parts) {
    const dom = new parts.Dom(document);
    const api = new parts.ApiClient();
    const dialogs = new parts.Dialogs(dom, (thrown) => api.sentenceOf(thrown));
    this.#kit = {
      dom,
      api,
      dialogs,
      parts,
      format: new parts.Format(),
      samples: new parts.Samples(),
      status: undefined,
    };
    this.#heading = dom.make("h1", { tabindex: -1 });
    this.#main = dom.make("main", { id: "main" });
    this.#menu = dom.make("nav", { "aria-label": "Screens" });
    this.#state = dom.make("span", { class: "state", role: "status" });
    this.#version = dom.make("span", { class: "version" });
    this.#frame = dom.make("div", { class: "frame" });
    this.#login = new parts.LoginView(this.#kit, () => {
      this.#begin();
      this.#heading.focus();
    });
    this.#root = dom.make("div", { id: "root" });
    document.body.append(this.#root, dialogs.element);
  }

  /** Shows the first screen. */
  start(): void {
    const { api } = this.#kit;
    this.#setTheme(localStorage.getItem("broker-theme") ?? "system");
    api.onEnd = () => this.#end("The login has run out.");
    globalThis.addEventListener("hashchange", () => {
      this.#route();
      this.#heading.focus();
    });
    if (api.token === "") this.#end("");
    else this.#begin();
  }

  #begin(): void {
    const { parts } = this.#kit;
    const kit = this.#kit;
    // Made anew for each login: nothing of the one before is left in them.
    this.#views = new Map<string, View>([
      ["overview", new parts.OverviewView(kit)],
      ["clients", new parts.ClientsView(kit)],
      ["topics", new parts.TopicsView(kit)],
      ["live", new parts.LiveView(kit)],
      ["store", new parts.StoreView(kit)],
      ["listeners", new parts.ListenersView(kit)],
      ["logs", new parts.LogsView(kit)],
    ]);
    this.#frame.replaceChildren(this.#makeSide(), this.#makeContent());
    this.#root.replaceChildren(this.#skipLink(), this.#frame);
    this.#route();
    void this.#poll();
  }

  #end(sentence: string): void {
    clearTimeout(this.#timer);
    this.#kit.dialogs.dismiss();
    this.#view?.close();
    this.#view = undefined;
    this.#views = new Map();
    this.#kit.status = undefined;
    this.#kit.samples.clear();
    this.#kit.dom.document.title = "Broker";
    this.#root.replaceChildren(this.#login.element);
    this.#login.open(sentence);
  }

  #skipLink(): El {
    // An address would be taken for a screen's.
    return this.#kit.dom.button(
      "Skip to the content",
      () => this.#heading.focus(),
      "skip",
    );
  }

  #makeSide(): El {
    const { dom } = this.#kit;
    this.#links.clear();
    const items = [...this.#views].map(([name, { title }]) => {
      const link = dom.make("a", { href: `#/${name}` }, title);
      this.#links.set(name, link);
      return dom.make("li", {}, link);
    });
    this.#menu.replaceChildren(dom.make("ul", {}, ...items));
    return dom.make(
      "header",
      { class: "side" },
      dom.make(
        "div",
        { class: "brand" },
        dom.make("strong", {}, "Broker"),
        this.#version,
        dom.make("span", { class: "host" }, location.host),
      ),
      this.#menu,
      dom.make(
        "div",
        { class: "foot" },
        this.#state,
        this.#makeTheme(),
        dom.button("Log out", () => this.#logout(), "quiet"),
      ),
    );
  }

  #makeTheme(): El {
    const { dom } = this.#kit;
    const themes = {
      system: "Auto theme",
      light: "Light theme",
      dark: "Dark theme",
    };
    const select = dom.select(themes, () => {
      localStorage.setItem("broker-theme", select.value);
      this.#setTheme(select.value);
    });
    select.setAttribute("aria-label", "Theme");
    select.value = localStorage.getItem("broker-theme") ?? "system";
    return select;
  }

  #makeContent(): El {
    this.#main.replaceChildren(this.#heading);
    return this.#main;
  }

  #setTheme(theme: string): void {
    const { documentElement } = this.#kit.dom.document;
    if (theme === "system") documentElement.removeAttribute("data-theme");
    else documentElement.setAttribute("data-theme", theme);
  }

  /** Shows what the address names. */
  #route(): void {
    if (this.#views.size === 0) return;
    const [, word = "", ...rest] = location.hash.split("/");
    const name = this.#views.has(word) ? word : "overview";
    const view = this.#views.get(name)!;
    if (view !== this.#view) {
      this.#view?.close();
      this.#view = view;
      this.#main.replaceChildren(this.#heading, view.element);
      this.#kit.dom.write(this.#heading, view.title);
      this.#kit.dom.document.title = `${view.title} – ${location.host}`;
    }
    for (const [linked, link] of this.#links) {
      if (linked !== name) link.removeAttribute("aria-current");
      else this.#mark(link);
    }
    view.open(this.#decoded(rest.join("/")));
    this.#refreshedMs = Date.now();
  }

  /**
   * On a phone the menu is wider than the screen. To scroll it by the link
   * itself would let the next tab begin there.
   */
  #mark(link: El): void {
    link.setAttribute("aria-current", "page");
    const { left } = link.getBoundingClientRect();
    this.#menu.scrollLeft += left - this.#menu.getBoundingClientRect().left -
      60;
  }

  #decoded(text: string): string {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /** Asks how the broker is, and the shown screen for what is old in it. */
  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isAsking || this.#views.size === 0) return;
    this.#isAsking = true;
    const { api, dom, samples } = this.#kit;
    try {
      const status = await api.get<Status>("status");
      if (this.#views.size === 0) return;
      // The screen has waited for it.
      if (this.#kit.status === undefined) this.#refreshedMs = 0;
      this.#kit.status = status;
      samples.add(status, Date.now());
      dom.write(this.#version, status.version);
      this.#say("Connected", "good");
      await this.#refresh();
    } catch (thrown) {
      this.#say(api.sentenceOf(thrown), "bad");
    } finally {
      this.#isAsking = false;
      if (this.#views.size > 0) {
        this.#timer = setTimeout(() => void this.#poll(), this.#pollMs);
      }
    }
  }

  async #refresh(): Promise<void> {
    const view = this.#view;
    if (view === undefined || view.refreshSeconds === 0) return;
    const ageMs = Date.now() - this.#refreshedMs;
    // The poll itself is not to the millisecond.
    if (ageMs < view.refreshSeconds * 1000 - this.#pollMs / 2) return;
    this.#refreshedMs = Date.now();
    await view.refresh();
  }

  #say(sentence: string, tone: string): void {
    this.#kit.dom.write(this.#state, sentence);
    this.#state.className = `state ${tone}`;
  }

  #logout(): void {
    this.#kit.api.logout();
    this.#end("");
  }
}
