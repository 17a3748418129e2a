/**
 * Why the API does not do what it is asked for.
 *
 * @module
 */

/** Thrown by handlers, and told to who has asked. */
export class ApiFault extends Error {
  /** The status of the answer. */
  readonly status: number;
  /** A stable word. */
  readonly code: string;
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param message A sentence. */
  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.headers = headers;
    this.name = "ApiFault";
    this.status = status;
    this.code = code;
  }
}

/** There is no such thing. */
export function notFound(what: string): ApiFault {
  return new ApiFault(404, "not_found", `there is no ${what}`);
}
