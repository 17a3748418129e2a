/**
 * How the two versions of a PROXY header begin.
 *
 * @module
 */

/** Version 1 is a line of text. */
export const PROXY_V1_SIGNATURE: Uint8Array = new TextEncoder().encode(
  "PROXY ",
);

/** Version 2 begins with what no text protocol takes for its own. */
export const PROXY_V2_SIGNATURE: Uint8Array = new TextEncoder().encode(
  "\r\n\r\n\0\r\nQUIT\n",
);
