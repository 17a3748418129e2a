/**
 * The times that a broker takes, where somebody wants to know. Who measures
 * is `net/probe.ts`: here there is no clock.
 *
 * @module
 */

import { Histogram, TIME_BOUNDS } from "./histogram.ts";

/** What is measured now and then. Unit: seconds. */
export class Measures {
  /** From a message's arrival until the system has taken it for a client. */
  readonly delivery: Histogram = new Histogram(TIME_BOUNDS);
  /** How long a turn takes. */
  readonly turn: Histogram = new Histogram(TIME_BOUNDS);
  /** How late a timer is. */
  readonly lag: Histogram = new Histogram(TIME_BOUNDS);
}
