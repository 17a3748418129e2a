/**
 * Numbers, times and payloads as people read them.
 *
 * @module
 */

/** A payload as the API has it: as text where it is that. */
export interface Payload {
  readonly payload?: string | undefined;
  readonly payloadBase64?: string | undefined;
}

/** Its text is part of the page: see `page.ts`. */
export class Format {
  readonly #whole = new Intl.NumberFormat("en");

  /** All digits: 12,345. */
  count(value: number): string {
    return this.#whole.format(value);
  }

  /** Three digits: 12.3k. */
  short(value: number): string {
    return this.#scaled(value, 1000, ["", "k", "M", "G", "T"], "");
  }

  /** Three digits: 12.3 KiB. */
  bytes(value: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    return this.#scaled(value, 1024, units, " ");
  }

  /** Of messages. */
  rate(value: number): string {
    return `${this.short(value)}/s`;
  }

  /** Of bytes. */
  byteRate(value: number): string {
    return `${this.bytes(value)}/s`;
  }

  /** The two largest units: 3 d 4 h. */
  duration(seconds: number): string {
    if (seconds < 1) return `${this.#digits(seconds * 1000)} ms`;
    const whole = Math.floor(seconds);
    const parts: string[] = [];
    const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const;
    let left = whole;
    for (const [length, unit] of units) {
      const count = Math.floor(left / length);
      left -= count * length;
      if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`);
    }
    const [first = "", second = ""] = parts;
    return second === "" || second.startsWith("0 ")
      ? first
      : `${first} ${second}`;
  }

  /** The time of day at this screen. */
  time(at: string | number): string {
    return this.#stamp(at).slice(11, 19);
  }

  /** The day and the time at this screen. */
  dateTime(at: string | number): string {
    return this.#stamp(at);
  }

  /** How many of them there are: 1 client, 2 clients. */
  some(value: number, one: string, many = `${one}s`): string {
    return `${this.count(value)} ${value === 1 ? one : many}`;
  }

  /** How many bytes a payload has. */
  payloadBytes({ payload, payloadBase64 }: Payload): number {
    if (payload !== undefined) return new TextEncoder().encode(payload).length;
    return this.#decoded(payloadBase64 ?? "").length;
  }

  /** One line of a payload, for a list. */
  preview({ payload, payloadBase64 }: Payload): string {
    if (payload !== undefined) return payload.slice(0, 300);
    return `0x${this.#hex(this.#decoded(payloadBase64 ?? "").slice(0, 60))}`;
  }

  /** A payload to read: JSON with indents, bytes as lines of hex. */
  whole({ payload, payloadBase64 }: Payload): string {
    if (payload === undefined) {
      const hex = this.#hex(this.#decoded(payloadBase64 ?? ""));
      return hex.replace(/(.{2})/g, "$1 ").replace(/(.{48})/g, "$1\n").trim();
    }
    if (!/^\s*[{[]/.test(payload)) return payload;
    try {
      return JSON.stringify(JSON.parse(payload), null, 2);
    } catch {
      return payload;
    }
  }

  #decoded(base64: string): Uint8Array {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  }

  #hex(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  }

  #scaled(
    value: number,
    step: number,
    units: readonly string[],
    gap: string,
  ): string {
    let left = value;
    let unit = 0;
    while (Math.abs(left) >= step && unit < units.length - 1) {
      left /= step;
      unit++;
    }
    return `${this.#digits(left)}${gap}${units[unit]}`;
  }

  #digits(value: number): string {
    const size = Math.abs(value);
    const decimals = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    const text = value.toFixed(decimals);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }

  #stamp(at: string | number): string {
    const time = new Date(at);
    if (Number.isNaN(time.getTime())) return "–";
    const local = time.getTime() - time.getTimezoneOffset() * 60_000;
    return new Date(local).toISOString().slice(0, 19).replace("T", " ");
  }
}
