/**
 * Asks the HTTP API. It holds the token, in this tab only: it is gone when
 * the tab is closed, and no other page gets it.
 *
 * @module
 */

/** Why there is no answer, as a sentence. */
export interface ApiFault {
  /** The status; 0 when nobody has answered. */
  readonly status: number;
  /** A sentence for people. */
  readonly sentence: string;
}

/** What stands behind the `?`; what is empty stays away. */
export type Query = Readonly<
  Record<string, string | number | undefined | null>
>;

/** Its text is part of the page: see `page.ts`. */
export class ApiClient {
  /** Told when the token is no longer good. */
  onEnd: () => void = () => {};
  readonly #slot = "broker-token";

  /** What is shown to the API; empty before the login. */
  get token(): string {
    return sessionStorage.getItem(this.#slot) ?? "";
  }

  /** Shows a secret for a token. Rejects with an {@linkcode ApiFault}. */
  async login(secret: string): Promise<void> {
    const { token } = await this.ask<{ token: string }>("POST", "login", {
      secret,
    });
    sessionStorage.setItem(this.#slot, token);
  }

  /** Forgets the token. */
  logout(): void {
    sessionStorage.removeItem(this.#slot);
  }

  /** Asks for something. Rejects with an {@linkcode ApiFault}. */
  get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return this.ask<Answer>("GET", this.withQuery(path, query));
  }

  /** Asks or tells something. Rejects with an {@linkcode ApiFault}. */
  async ask<Answer>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const { token } = this;
    let response: Response;
    try {
      response = await fetch(`/api/v1/${path}`, {
        method,
        credentials: "omit",
        headers: {
          ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw this.#fault(0, "The broker does not answer.");
    }
    const text = await response.text().catch(() => "");
    if (response.ok) return this.#read(text) as Answer;
    if (response.status === 401 && token !== "") {
      this.logout();
      this.onEnd();
    }
    throw this.#fault(response.status, this.#sentence(response, text));
  }

  /** A path to what has a name. */
  pathTo(list: string, name: string, rest = ""): string {
    if (!/^\.{1,2}$/.test(name)) {
      return `${list}/${encodeURIComponent(name)}${rest}`;
    }
    // In a path these mean another one.
    const key = list === "retained" ? "topic" : "clientId";
    return `${list}/-${rest}?${key}=${name}`;
  }

  /** The path with a query. */
  withQuery(path: string, query: Query): string {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null || value === ""
        ? []
        : [[name, String(value)]]
    );
    const text = new URLSearchParams(given).toString();
    if (text === "") return path;
    return `${path}${path.includes("?") ? "&" : "?"}${text}`;
  }

  /** The sentence of whatever was thrown. */
  sentenceOf(thrown: unknown): string {
    const { sentence } = thrown as Partial<ApiFault>;
    return sentence ?? String(thrown);
  }

  /** The API's words, as they stand alone on a screen. */
  asSentence(words: string): string {
    const end = /[.!?]$/.test(words) ? "" : ".";
    return words.charAt(0).toUpperCase() + words.slice(1) + end;
  }

  #sentence(response: Response, text: string): string {
    const told = this.#read(text) as { error?: { message?: string } };
    const message = told.error?.message;
    const sentence = message ?? `the broker answers ${response.status}`;
    return this.asSentence(sentence);
  }

  #read(text: string): unknown {
    try {
      return JSON.parse(text) ?? {};
    } catch {
      return {};
    }
  }

  #fault(status: number, sentence: string): ApiFault {
    return { status, sentence };
  }
}
