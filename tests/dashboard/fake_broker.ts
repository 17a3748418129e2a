/** What the fake API tells of: clients, messages, doors, a status, a log. */

/** Names that would do harm in a page that takes them for more than text. */
export const HOSTILE: readonly string[] = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(2)</script>",
  '"><svg onload=alert(3)>',
  "javascript:alert(4)",
  "../../%2e%2e/?a=b#c&d",
  "\u202egpj.exe \u0000 𝕏 and what is too long for a cell ".repeat(3),
];

/** By their places; no path can name the last one. */
const NAMES: Readonly<Record<number, string>> = { ...HOSTILE, 9: ".." };

export const CLIENTS = Array.from({ length: 10_000 }, (_, i) => ({
  clientId: NAMES[i] ?? `gateway-${String(i).padStart(5, "0")}`,
  userName: i % 4 === 0 ? null : `plant-${i % 17}`,
  address: `10.1.${i >> 8}.${i & 255}:${40_000 + i}`,
  listener: "mqtts://0.0.0.0:8883",
  protocol: i % 3 === 0 ? "3.1.1" : "5.0",
  connectedAt: new Date(Date.UTC(2026, 4, 1) + i * 61_000).toISOString(),
  keepAliveSeconds: 60,
  cleanStart: i % 2 === 0,
  subscriptions: i % 9,
  queued: i % 50 === 7 ? 812 : 0,
  queuedBytes: i % 50 === 7 ? 91_000 : 0,
  inflight: i % 50 === 7 ? 20 : 0,
  dropped: i % 97 === 7 ? 1_204 : 0,
  bytesIn: i * 1_311,
  bytesOut: i * 7_717,
  messagesIn: i * 13,
  messagesOut: i * 29,
}));

const PAYLOADS = [
  { payload: "20.5" },
  { payload: '{"temperature":20.5,"unit":"°C","ok":true}' },
  { payloadBase64: btoa("\x00\x01\xfe\xff binary") },
  { payload: "<b>bold</b> <img src=x onerror=alert(5)>" },
];

const TOPICS = [
  ...HOSTILE.map((name) => `hostile/${name}`),
  ...Array.from(
    { length: 700 },
    (_, i) =>
      `plant/line ${i % 7}/${["press", "oven", "saw"][i % 3]}/sensor-${i}`,
  ),
  "/leading/slash",
  "status",
];

export const RETAINED = TOPICS.map((topic, i) => ({
  topic,
  ...PAYLOADS[i % PAYLOADS.length],
  qos: i % 3,
  bytes: 12 + i,
  expiresAt: i % 5 === 0 ? "2026-12-24T18:00:00.000Z" : null,
  contentType: null,
}));

const ANONYMOUS = {
  code: "anonymous_public",
  message: "mqtt://0.0.0.0:1883 lets anybody in, from every network.",
};
const PLAIN = {
  code: "plain_passwords",
  message: "mqtt://0.0.0.0:1883 takes passwords without TLS: whoever is on " +
    "the way can read them.",
};

const TRAFFIC = {
  connectionsOpened: 20_000,
  bytesIn: 8.1e9,
  bytesOut: 2.4e10,
  messagesIn: 7e7,
};

export const LISTENERS = [
  {
    ...TRAFFIC,
    name: "mqtt://0.0.0.0:1883",
    address: "0.0.0.0:1883",
    transport: "mqtt",
    connections: 312,
    connectionsMax: null,
    isAnonymous: true,
    certificate: null,
    warnings: [ANONYMOUS, PLAIN],
  },
  ...[212.4, 12.3, -1].map((daysLeft, i) => ({
    ...TRAFFIC,
    name: `mqtts://0.0.0.0:888${i + 3}`,
    address: `0.0.0.0:888${i + 3}`,
    transport: i === 1 ? "wss" : "mqtts",
    connections: 9_688 >> i,
    connectionsMax: 20_000,
    isAnonymous: false,
    certificate: {
      subject: "CN=broker.plant.example",
      notAfter: "2026-06-01T00:00:00.000Z",
      daysLeft,
    },
    warnings: [],
  })),
];

export const LOGS = {
  items: Array.from({ length: 120 }, (_, i) => ({
    number: i,
    time: new Date(Date.UTC(2026, 4, 1, 12) + i * 1_700).toISOString(),
    level: i % 40 === 39 ? "error" : i % 11 === 10 ? "warn" : "info",
    event: i % 2 === 0 ? "client_connected" : "client_disconnected",
    message: i % 2 === 0 ? "a client has connected" : "a client has gone",
    fields: { client_id: HOSTILE[i % 30] ?? `gateway-${i}`, port: 40_000 + i },
  })),
  next: "120",
};

/** After so many seconds. */
export function STATUS(seconds: number): unknown {
  const wave = 1 + Math.sin(seconds / 7) / 3;
  return {
    version: "0.1.0",
    runtime: "Deno 2.9.6",
    startedAt: "2026-05-01T06:12:00.000Z",
    uptimeSeconds: 273_600 + seconds,
    clients: { connected: 10_000, connectedMax: 100_000, sessions: 10_412 },
    subscriptions: 41_200,
    retained: { count: RETAINED.length, bytes: 9_120_000 },
    queued: { messages: 162_400, bytes: 18_200_000 },
    inflight: 4_000,
    rates: {
      messagesIn: 41_200 * wave,
      messagesOut: 98_100 * wave,
      bytesIn: 6.2e6 * wave,
      bytesOut: 1.9e7 * wave,
      overSeconds: 2,
    },
    totals: {
      messagesIn: 7e8,
      messagesOut: 2e9,
      bytesIn: 8e9,
      bytesOut: 2e10,
      connections: 20_000,
    },
    memoryBytes: 212_000_000 + seconds * 10_000,
    eventLoopLagSeconds: 0.0011 * wave,
    drops: {
      queue_full: 1_204 + Math.floor(seconds) * 3,
      message_too_large: 4,
      expired: 12,
    },
    disconnects: { the_client: 8_120, keep_alive: 301, taken_over: 12 },
    refused: {},
    store: {
      kind: "sqlite",
      path: "/var/lib/broker/broker.db",
      bytes: 48_200_000,
      isBroken: true,
    },
    warnings: [ANONYMOUS, PLAIN],
  };
}
