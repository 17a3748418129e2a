/**
 * Access rules one by one, in a file of either form.
 *
 * @module
 */

import { done } from "./file_faults.ts";
import type { Asked, Handlers } from "./api.ts";
import { ApiFault, notFound } from "./api_fault.ts";
import type { AclDisk, AclText } from "./api_host.ts";
import type { Rule, RuleAt } from "./rule.ts";
import * as json from "./rule_json.ts";
import * as mosquitto from "./rule_lines.ts";

type Name = "listAclRules" | "addAclRule" | "changeAclRule" | "deleteAclRule";

const FORMS = { json, mosquitto };

/** Their handlers. */
export function ruleHandlers(aclOf: () => AclDisk): Handlers<Name> {
  return {
    listAclRules: async () => {
      const { form, text, version } = done(await aclOf().readSound());
      return { version, items: FORMS[form].rulesIn(text).map(ruleJson) };
    },
    addAclRule: async ({ body }) => {
      const file = done(await aclOf().readSound());
      const rule = ruleOf(file, body as Partial<Rule>);
      const [changed, at] = FORMS[file.form].withRule(file.text, rule);
      done(await aclOf().write(changed, file.version));
      return ruleJson({ ...rule, at });
    },
    changeAclRule: async ({ body, names, query }) => {
      const file = unlessStale(done(await aclOf().readSound()), query);
      const rule = ruleOf(file, body as Partial<Rule>);
      const { at, ...before } = ruleAt(file, names);
      if (receiverOf(before) !== receiverOf(rule)) {
        throw badRequest("a rule stays with whom it is for");
      }
      const changed = FORMS[file.form].withRuleAt(file.text, at, rule);
      done(await aclOf().write(changed, file.version));
      return ruleJson({ ...rule, at });
    },
    deleteAclRule: async ({ names, query }) => {
      const file = unlessStale(done(await aclOf().readSound()), query);
      const { at } = ruleAt(file, names);
      const changed = FORMS[file.form].withoutRule(file.text, at);
      done(await aclOf().write(changed, file.version));
    },
  };
}

/** The file that somebody has looked at, who says so. */
function unlessStale(file: AclText, { version }: Asked["query"]): AclText {
  if (version === undefined || version === file.version) return file;
  const message = "the rules have changed meanwhile; list them again";
  throw new ApiFault(409, "stale", message);
}

function ruleAt({ form, text }: AclText, { id }: Asked["names"]): RuleAt {
  const rule = FORMS[form].rulesIn(text).find(({ at }) => `${at}` === id);
  if (rule === undefined) throw notFound("rule of this id");
  return rule;
}

function ruleJson({ at, ...rule }: RuleAt) {
  return { id: `${at}`, ...rule };
}

/** For whom a rule is. */
function receiverOf({ kind, role, userName }: Rule): string {
  return JSON.stringify([kind, userName, kind === "role" ? role : null]);
}

/** The rule that was asked for, which can stand in the file. */
function ruleOf({ form }: AclText, body: Partial<Rule>): Rule {
  const { access = null, role = null, topic = null, userName = null } = body;
  const rule = { kind: body.kind!, userName, role, access, topic };
  if ((rule.kind === "user") !== (userName !== null)) {
    throw badRequest("a rule for a user has a userName, and no other has one");
  }
  const fault = FORMS[form].faultOf(rule);
  if (fault !== undefined) throw badRequest(fault);
  return rule;
}

function badRequest(message: string): ApiFault {
  return new ApiFault(400, "bad_request", message);
}
