/**
 * What each part of the page is given: it can't import anything, because
 * its text alone goes into the page.
 *
 * @module
 */

import type { ApiClient } from "./api_client.ts";
import type { El } from "./browser_types.ts";
import type { Dialogs } from "./dialogs.ts";
import type { Dom } from "./dom.ts";
import type { Format } from "./format.ts";
import type { Parts } from "./parts.ts";
import type { Samples } from "./samples.ts";
import type { Status } from "./api_types.ts";

/** What parts share, and the classes that they make others of. */
export interface Kit {
  readonly dom: Dom;
  readonly format: Format;
  readonly api: ApiClient;
  readonly dialogs: Dialogs;
  readonly samples: Samples;
  readonly parts: Parts;
  /** What the broker said last. */
  status: Status | undefined;
}

/** A screen. */
export interface View {
  /** Its heading, and its word in the menu. */
  readonly title: string;
  /** To be put into the page. */
  readonly element: El;
  /** How long what it shows stays good; 0 when it takes care itself. */
  readonly refreshSeconds: number;
  /** It is shown now, with what its address says. */
  open(rest: string): void;
  /** It is shown no longer. */
  close(): void;
  /** Asks anew for what it shows. */
  refresh(): Promise<void>;
}
