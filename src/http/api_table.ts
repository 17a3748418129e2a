/**
 * The one table of the API's operations. The description that is served, the
 * choice of the handler, the check of what is asked, and tests are made from
 * it, so that they can't drift apart.
 *
 * @module
 */

import { ACCESS_OPERATIONS } from "./access_table.ts";
import { CLIENT_SORTS } from "./client_sorts.ts";
import {
  type Operation,
  PAGING,
  TEXT_FILTER,
  TOPIC_FILTER,
} from "./operation.ts";

const CLIENT_ID = {
  schema: { type: "string" },
  says: "Only those of this client.",
} as const;

const ABOUT_BROKER = {
  getStatus: {
    method: "GET",
    path: "/status",
    tag: "broker",
    says: "The broker at a glance.",
    answer: { status: 200, schema: "Status" },
    faults: [],
  },
  getMetrics: {
    method: "GET",
    path: "/metrics",
    tag: "broker",
    says: "All metrics of /metrics, as JSON.",
    answer: { status: 200, schema: "Metrics" },
    faults: [],
  },
  listListeners: {
    method: "GET",
    path: "/listeners",
    tag: "broker",
    says: "The listeners, and what an operator should know of each.",
    answer: { status: 200, schema: "Listeners" },
    faults: [],
  },
  getConfig: {
    method: "GET",
    path: "/config",
    tag: "broker",
    says: "All settings and where each comes from; secrets are hidden.",
    answer: { status: 200, schema: "Config" },
    faults: [],
  },
  reload: {
    method: "POST",
    path: "/reload",
    tag: "broker",
    says: "Reads all files again, as SIGHUP does.",
    answer: { status: 200, schema: "Reload" },
    faults: [409],
  },
  listLogs: {
    method: "GET",
    path: "/logs",
    tag: "broker",
    says: "The last lines of the log.",
    query: { after: PAGING["after"]! },
    answer: { status: 200, schema: "Logs" },
    faults: [],
  },
  listTraces: {
    method: "GET",
    path: "/traces",
    tag: "broker",
    says: "What is traced at the moment.",
    answer: { status: 200, schema: "Traces" },
    faults: [],
  },
  startTrace: {
    method: "POST",
    path: "/traces",
    tag: "broker",
    says:
      "Logs the packets of a client, or the messages of topics, for a time.",
    body: { schema: "TraceOrder" },
    answer: { status: 201, schema: "Trace" },
    faults: [409],
  },
  stopTrace: {
    method: "DELETE",
    path: "/traces/{id}",
    tag: "broker",
    says: "Ends a trace before its time.",
    answer: { status: 204 },
    faults: [404],
  },
} as const satisfies Record<string, Operation>;

const ABOUT_CLIENTS = {
  listClients: {
    method: "GET",
    path: "/clients",
    tag: "clients",
    says: "Clients that are connected, in the order in which they came.",
    query: {
      ...PAGING,
      filter: TEXT_FILTER,
      sort: {
        schema: { type: "string", enum: CLIENT_SORTS },
        says: "In another order; with a - in front the greatest first.",
      },
    },
    answer: { status: 200, schema: "Clients" },
    faults: [],
  },
  getClient: {
    method: "GET",
    path: "/clients/{clientId}",
    tag: "clients",
    says: "One client, with its subscriptions.",
    answer: { status: 200, schema: "ClientDetails" },
    faults: [404],
  },
  disconnectClient: {
    method: "DELETE",
    path: "/clients/{clientId}",
    tag: "clients",
    says: "Disconnects a client; its session goes its own way.",
    answer: { status: 204 },
    faults: [404],
  },
  banClient: {
    method: "POST",
    path: "/clients/{clientId}/ban",
    tag: "clients",
    says: "Disconnects a client, if it is there, and keeps it out for a time.",
    body: { schema: "BanOrder", isOptional: true },
    answer: { status: 201, schema: "Ban" },
    faults: [409],
  },
  listBans: {
    method: "GET",
    path: "/bans",
    tag: "clients",
    says: "Who is kept out.",
    answer: { status: 200, schema: "Bans" },
    faults: [],
  },
  liftBan: {
    method: "DELETE",
    path: "/bans/{clientId}",
    tag: "clients",
    says: "Lets a client in again.",
    answer: { status: 204 },
    faults: [404, 409],
  },
  listSessions: {
    method: "GET",
    path: "/sessions",
    tag: "sessions",
    says: "Sessions, their clients connected or not, oldest first.",
    query: { ...PAGING, filter: TEXT_FILTER },
    answer: { status: 200, schema: "Sessions" },
    faults: [],
  },
  getSession: {
    method: "GET",
    path: "/sessions/{clientId}",
    tag: "sessions",
    says: "One session.",
    answer: { status: 200, schema: "Session" },
    faults: [404],
  },
  deleteSession: {
    method: "DELETE",
    path: "/sessions/{clientId}",
    tag: "sessions",
    says: "Ends a session and all that waits in it; disconnects its client.",
    answer: { status: 204 },
    faults: [404],
  },
  getQueue: {
    method: "GET",
    path: "/sessions/{clientId}/queue",
    tag: "sessions",
    says: "What was sent and not acknowledged, and then what waits.",
    query: PAGING,
    answer: { status: 200, schema: "Queue" },
    faults: [404],
  },
  listSubscriptions: {
    method: "GET",
    path: "/subscriptions",
    tag: "sessions",
    says: "Subscriptions of all sessions.",
    query: { ...PAGING, filter: TEXT_FILTER, clientId: CLIENT_ID },
    answer: { status: 200, schema: "Subscriptions" },
    faults: [],
  },
} as const satisfies Record<string, Operation>;

const ABOUT_MESSAGES = {
  publish: {
    method: "POST",
    path: "/publish",
    tag: "messages",
    says: "Publishes a message.",
    body: { schema: "Publication" },
    answer: { status: 200, schema: "Published" },
    faults: [],
  },
  listTopics: {
    method: "GET",
    path: "/topics",
    tag: "messages",
    says: "Topics with a retained message, and those that are in use.",
    query: { ...PAGING, filter: TOPIC_FILTER },
    answer: { status: 200, schema: "Topics" },
    faults: [],
  },
  listRetained: {
    method: "GET",
    path: "/retained",
    tag: "messages",
    says: "Retained messages of the topics that a filter matches.",
    query: { ...PAGING, filter: TOPIC_FILTER },
    answer: { status: 200, schema: "RetainedList" },
    faults: [],
  },
  deleteRetained: {
    method: "DELETE",
    path: "/retained",
    tag: "messages",
    says: "Forgets the retained messages of all topics that a filter matches.",
    query: { filter: { ...TOPIC_FILTER, isNeeded: true } },
    answer: { status: 200, schema: "Deleted" },
    faults: [],
  },
  getRetained: {
    method: "GET",
    path: "/retained/{topic}",
    tag: "messages",
    says: "The retained message of a topic, which has %2F for its slashes.",
    answer: { status: 200, schema: "Retained" },
    faults: [404],
  },
  setRetained: {
    method: "PUT",
    path: "/retained/{topic}",
    tag: "messages",
    says: "Publishes a message that the topic retains.",
    body: { schema: "RetainedChange" },
    answer: { status: 200, schema: "Published" },
    faults: [409],
  },
  forgetRetained: {
    method: "DELETE",
    path: "/retained/{topic}",
    tag: "messages",
    says: "Forgets the retained message of a topic.",
    answer: { status: 204 },
    faults: [404],
  },
  live: {
    method: "GET",
    path: "/live",
    tag: "messages",
    says: "A WebSocket. The client's first text frame is `{token, filter}`; " +
      "then there is a text frame `{topic, payload | payloadBase64, qos, " +
      "retain, at, isCut}` for each message, at a bounded rate, and " +
      "`{skipped}` for those that were too many. A further `{filter}` of the " +
      "client takes the place of the one before.",
    answer: { status: 101 },
    faults: [426],
    isOpen: true,
  },
} as const satisfies Record<string, Operation>;

/** All operations by their names. */
export const OPERATIONS = {
  ...ACCESS_OPERATIONS,
  ...ABOUT_BROKER,
  ...ABOUT_CLIENTS,
  ...ABOUT_MESSAGES,
} as const satisfies Record<string, Operation>;

/** The name of an operation. */
export type OperationName = keyof typeof OPERATIONS;
