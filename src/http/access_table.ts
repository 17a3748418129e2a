/**
 * The operations of the API that are about who may do what. They are in the
 * table of all, `http/api_table.ts`.
 *
 * @module
 */

import type { Operation, Parameter } from "./operation.ts";

const OF_VERSION: Parameter = {
  schema: { type: "string" },
  says: "That of the list which has the id: a stale one is refused.",
};

/** By name. */
export const ACCESS_OPERATIONS = {
  login: {
    method: "POST",
    path: "/login",
    tag: "access",
    says: "Takes the secret for a token that is good for some hours.",
    body: { schema: "Login" },
    answer: { status: 200, schema: "Token" },
    faults: [403],
    isOpen: true,
  },
  getDescription: {
    method: "GET",
    path: "/openapi.json",
    tag: "access",
    says: "This description.",
    answer: { status: 200 },
    faults: [],
    isOpen: true,
  },
  listUsers: {
    method: "GET",
    path: "/users",
    tag: "access",
    says: "The users of the password file.",
    answer: { status: 200, schema: "Users" },
    faults: [409],
  },
  addUser: {
    method: "POST",
    path: "/users",
    tag: "access",
    says: "Adds a user.",
    body: { schema: "NewUser" },
    answer: { status: 201, schema: "User" },
    faults: [409],
  },
  changeUser: {
    method: "PUT",
    path: "/users/{userName}",
    tag: "access",
    says: "Sets another password for a user; its clients have to log in anew.",
    body: { schema: "NewPassword" },
    answer: { status: 200, schema: "User" },
    faults: [404, 409],
  },
  deleteUser: {
    method: "DELETE",
    path: "/users/{userName}",
    tag: "access",
    says: "Deletes a user; its clients are disconnected.",
    answer: { status: 204 },
    faults: [404, 409],
  },
  getAcl: {
    method: "GET",
    path: "/acl",
    tag: "access",
    says: "The file of access rules, as it stands.",
    answer: { status: 200, schema: "Acl" },
    faults: [409],
  },
  setAcl: {
    method: "PUT",
    path: "/acl",
    tag: "access",
    says: "Writes the file of access rules anew.",
    body: { schema: "AclChange" },
    answer: { status: 200, schema: "Acl" },
    faults: [409],
  },
  listAclRules: {
    method: "GET",
    path: "/acl/rules",
    tag: "access",
    says: "The rules of the file, one by one, whatever its form.",
    answer: { status: 200, schema: "AclRules" },
    faults: [409],
  },
  addAclRule: {
    method: "POST",
    path: "/acl/rules",
    tag: "access",
    says: "Adds a rule, or gives a role; all others stay as they are.",
    body: { schema: "NewAclRule" },
    answer: { status: 201, schema: "AclRule" },
    faults: [409],
  },
  changeAclRule: {
    method: "PUT",
    path: "/acl/rules/{id}",
    tag: "access",
    query: { version: OF_VERSION },
    says: "Puts another rule for the same one in its place.",
    body: { schema: "NewAclRule" },
    answer: { status: 200, schema: "AclRule" },
    faults: [404, 409],
  },
  deleteAclRule: {
    method: "DELETE",
    path: "/acl/rules/{id}",
    tag: "access",
    query: { version: OF_VERSION },
    says: "Deletes a rule, or takes a role.",
    answer: { status: 204 },
    faults: [404, 409],
  },
} as const satisfies Record<string, Operation>;
