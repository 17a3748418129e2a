/**
 * The flags that say where to listen, and how TLS is spoken there. They are
 * in the list of all flags, `cli/flags.ts`; what can be different at one
 * listener is in `cli/listener_options.ts`.
 *
 * @module
 */

import { parseHost, PORTS } from "./address.ts";
import { parseListener } from "./listener.ts";
import { parseQuantity } from "./quantity.ts";
import type { Flag } from "./settings.ts";
import { parseChoice, parseSwitch } from "./words.ts";

const NEEDS = ["required", "optional"] as const;
const VERSIONS = ["1.2", "1.3"] as const;

/** In the order of the help. */
export const LISTEN_FLAGS: readonly Flag[] = [
  {
    name: "host",
    group: "setting",
    value: "HOST",
    initial: "127.0.0.1 and ::1",
    says: "Listen on this address or name.",
    set: (to, text, label) => to.host = parseHost(text, label),
  },
  {
    name: "port",
    group: "setting",
    value: "PORT",
    range: PORTS,
    initial: "1883",
    says: "Listen on this port; 0 takes a free one.",
    set: (to, text, label) => to.port = parseQuantity(text, PORTS, label),
  },
  {
    name: "listen",
    group: "setting",
    value: "URL",
    repeats: true,
    initial: "none",
    says: "Listen on this URL; with --host there, too. Repeats.",
    set: (to, text, label) => to.listen.push(parseListener(text, label)),
  },
  {
    name: "one-port",
    group: "setting",
    initial: "no",
    says: "MQTT, WebSocket and TLS on that port: clients choose.",
    set: (to, text, label) => to.onePort = parseSwitch(text, label),
  },
  {
    name: "tls-cert",
    group: "setting",
    value: "FILE",
    initial: "none",
    says: "Speak TLS with this certificate, on port 8883.",
    set: (to, text) => to.tls.certFile = text,
  },
  {
    name: "tls-key",
    group: "setting",
    value: "FILE",
    initial: "none",
    says: "The private key of the certificate, in PEM.",
    set: (to, text) => to.tls.keyFile = text,
  },
  {
    name: "tls-port",
    group: "listen",
    value: "PORT",
    range: PORTS,
    initial: "8883",
    says: "The port of TLS, unless --listen says it.",
    set: (to, text, label) => to.tlsPort = parseQuantity(text, PORTS, label),
  },
  {
    name: "tls-client-ca",
    group: "listen",
    value: "FILE",
    initial: "none",
    says: "The authorities of clients' certificates, in PEM.",
    set: (to, text) => to.tls.clientCaFile = text,
  },
  {
    name: "tls-client-cert",
    group: "listen",
    value: "NEED",
    words: NEEDS,
    initial: "required with --tls-client-ca",
    says: "Whether clients need a certificate: required or optional.",
    set: (to, text, label) =>
      to.tls.clientCert = parseChoice(text, NEEDS, label),
  },
  {
    name: "tls-version",
    group: "listen",
    value: "VERSION",
    words: VERSIONS,
    initial: "1.2",
    says: "The oldest version of TLS: 1.2 or 1.3.",
    set: (to, text, label) =>
      to.tls.tlsVersion = parseChoice(text, VERSIONS, label),
  },
];
