/**
 * What a client may do with topics, as the router and the broker see it. The
 * rules that it comes from are in `auth/access_rules.ts`.
 *
 * @module
 */

/** How much of what a filter matches may be read. */
export type Reach = "all" | "some" | "none";

/** What one client may do. Asked often: answers must be quick and pure. */
export interface Rights {
  /** Whether it may publish on `topic`, be it as its will. */
  mayPublish(topic: string): boolean;
  /** Whether it may receive what is published on `topic`. */
  mayRead(topic: string): boolean;
  /**
   * How much it may read of what `filter` matches (without `$share/…/`).
   * "none" refuses a subscription; "some" has each topic asked about. To say
   * "some" is never wrong.
   */
  reach(filter: string): Reach;
}

/** Everything. */
export const ALL_RIGHTS: Rights = {
  mayPublish: () => true,
  mayRead: () => true,
  reach: () => "all",
};

/** Nothing. */
export const NO_RIGHTS: Rights = {
  mayPublish: () => false,
  mayRead: () => false,
  reach: () => "none",
};
