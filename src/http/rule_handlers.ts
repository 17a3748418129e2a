/**
 * Access rules one by one, in a file of Mosquitto's form.
 *
 * @module
 */

import { done } from "./file_faults.ts";
import type { Asked, Handlers } from "./api.ts";
import { ApiFault, notFound } from "./api_fault.ts";
import type { AclDisk, AclText } from "./api_host.ts";
import {
  type Rule,
  type RuleLine,
  rulesIn,
  withoutLine,
  withRule,
  withRuleAt,
} from "./rule_lines.ts";

type Name = "listAclRules" | "addAclRule" | "changeAclRule" | "deleteAclRule";

/** Their handlers. */
export function ruleHandlers(aclOf: () => AclDisk): Handlers<Name> {
  return {
    listAclRules: async () => {
      const { text, version } = await linesOf(aclOf());
      return { version, items: rulesIn(text).map(ruleJson) };
    },
    addAclRule: async ({ body }) => {
      const rule = ruleOf(body as Partial<Rule>);
      const { text, version } = await linesOf(aclOf());
      const [changed, line] = withRule(text, rule);
      done(await aclOf().write(changed, version));
      return ruleJson({ ...rule, line });
    },
    changeAclRule: async ({ body, names }) => {
      const rule = ruleOf(body as Partial<Rule>);
      const { text, version } = await linesOf(aclOf());
      const before = ruleAt(text, names);
      if (before.kind !== rule.kind || before.userName !== rule.userName) {
        const message = "a rule stays with whom it is for";
        throw new ApiFault(400, "bad_request", message);
      }
      const changed = withRuleAt(text, before.line, rule);
      done(await aclOf().write(changed, version));
      return ruleJson({ ...rule, line: before.line });
    },
    deleteAclRule: async ({ names }) => {
      const { text, version } = await linesOf(aclOf());
      const { line } = ruleAt(text, names);
      done(await aclOf().write(withoutLine(text, line), version));
    },
  };
}

async function linesOf(acl: AclDisk): Promise<AclText> {
  const found = done(await acl.read());
  if (found.form === "mosquitto") return found;
  const message = "rules in JSON are changed as a whole: PUT /api/v1/acl";
  throw new ApiFault(409, "json_form", message);
}

function ruleAt(text: string, { id }: Asked["names"]): RuleLine {
  const rule = rulesIn(text).find(({ line }) => `${line}` === id);
  if (rule === undefined) throw notFound("rule of this id");
  return rule;
}

function ruleJson({ line, ...rule }: RuleLine) {
  return { id: `${line}`, ...rule };
}

/** The rule that was asked for, which must be one line. */
function ruleOf(body: Partial<Rule>): Rule {
  const { access, kind, topic = "", userName = null } = body as Rule;
  const isOne = [topic, userName ?? "a"].every((text) =>
    text !== "" && text.trim() === text && !/\p{Cc}/u.test(text)
  );
  if (!isOne) {
    const message = "names and topics are not empty, without blanks around " +
      "them, and have no control characters";
    throw new ApiFault(400, "bad_request", message);
  }
  if ((kind === "user") !== (userName !== null)) {
    const message = "a rule for a user has a userName, and no other has one";
    throw new ApiFault(400, "bad_request", message);
  }
  return { access, kind, topic, userName };
}
