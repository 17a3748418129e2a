/**
 * Where a connection stands.
 *
 * ```text
 *   connecting ──CONNECT──► authenticating ──allowed──► open ──► closed
 *       │                     │        ▲                │          ▲
 *       │                     ▼  AUTH  │                │          │
 *       │                     challenged                │          │
 *       └──────── fault, time-out, refusal, end of the socket ─────┘
 * ```
 *
 * @module
 */

/** Where it stands. Changed in `Connection` only. */
export type Phase =
  | "connecting"
  | "authenticating"
  | "challenged"
  | "open"
  | "closed";
