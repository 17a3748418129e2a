/**
 * Members of a shared subscription: the best one, those that are as good in
 * turn, also while members come and go.
 */

import { assert, assertEquals } from "@std/assert";
import { Session } from "../../src/session/session.ts";
import { type Member, SharedGroup } from "../../src/session/shared_group.ts";
import {
  PLAIN_GRANTS,
  SubscribedFilter,
  Subscription,
} from "../../src/topic/subscription.ts";

const TOTALS = { backlogBytes: 0, retainedPending: 0 };

function session(name: string): Session<string> {
  return new Session<string>(name, undefined, 0, TOTALS);
}

function group(): SharedGroup<string> {
  const filter = new SubscribedFilter<Session<string>>("a");
  const own = new Subscription(
    1,
    session("group"),
    filter,
    PLAIN_GRANTS[2],
    false,
  );
  return new SharedGroup("$share/g/a", own);
}

function nameOf(member: Member<string> | undefined): string | undefined {
  return member?.subscriber.clientId;
}

Deno.test("members that are as good get their turn", () => {
  const workers = group();
  assertEquals(workers.choose(() => 0), undefined);
  const members = ["a", "b", "c"].map((name) =>
    workers.join(session(name), PLAIN_GRANTS[1])
  );
  assertEquals(members[0]!.filter, "$share/g/a");
  const turn = () => nameOf(workers.choose(() => 0));
  assertEquals([turn(), turn(), turn(), turn()], ["a", "b", "c", "a"]);
  workers.leave(members[0]!);
  assertEquals([turn(), turn(), turn()], ["b", "c", "b"]);
  workers.leave(members[2]!);
  workers.leave(members[1]!);
  assertEquals(turn(), undefined);
});

Deno.test("the least cost counts, and Infinity is nobody", () => {
  const workers = group();
  for (const name of ["a", "b", "c"]) {
    workers.join(session(name), PLAIN_GRANTS[1]);
  }
  const costs: Record<string, number> = { a: 5, b: 2, c: Infinity };
  const costOf = (member: Member<string>) => costs[nameOf(member)!]!;
  for (let i = 0; i < 3; i++) assertEquals(nameOf(workers.choose(costOf)), "b");
  costs["b"] = Infinity;
  assertEquals(nameOf(workers.choose(costOf)), "a");
  assertEquals(workers.choose(() => Infinity), undefined);
});

Deno.test("from one place on it is the same member each time", () => {
  const workers = group();
  for (const name of ["a", "b", "c"]) {
    workers.join(session(name), PLAIN_GRANTS[1]);
  }
  for (const first of [0, 1, 2, 3, 1000]) {
    const name = "abc"[first % 3];
    assertEquals(nameOf(workers.choose(() => 0, first)), name);
    assertEquals(nameOf(workers.choose(() => 0, first)), name);
  }
  const isGone = (member: Member<string>) =>
    nameOf(member) === "b" ? Infinity : 0;
  assertEquals(nameOf(workers.choose(isGone, 1)), "c");
  assert(workers.members.length === 3);
});
