/**
 * What a normative statement of MQTT is to the conformance suite. The
 * statements themselves are in `statements_3_1_1.ts` and `statements_5_0.ts`.
 */

/** One statement and why it may have no test. */
export interface Statement {
  /** As in test names, without the brackets. */
  readonly number: string;
  readonly says: string;
  /** Why no test here can show it; without a reason there must be a test. */
  readonly untested?: string;
}
