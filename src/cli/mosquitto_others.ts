/**
 * Options of a `mosquitto.conf` that are no settings of ours: some mean
 * nothing here and do no harm, and some somebody counts on.
 *
 * @module
 */

/** What is said of an option that does no harm; empty for nothing. */
export const NEEDLESS: Readonly<Record<string, string>> = {
  allow_duplicate_messages: "a client gets a message once, or see deliver-each",
  auto_id_prefix: "client ids that are made here begin with auto-",
  autosave_interval: "nothing waits to be saved",
  autosave_on_changes: "nothing waits to be saved",
  check_retain_source: "retained messages stay when rights are taken away",
  connection_messages: "clients that come and go are told at the level info",
  dhparamfile: "the runtime chooses its own",
  log_dest: "log lines go to standard error",
  log_facility: "log lines go to standard error",
  log_timestamp: "log lines have their time",
  log_timestamp_format: "log lines have their time, as ISO 8601",
  persistence_file: "the file has a name of its own",
  pid_file: "no such file is written",
  retry_interval: "messages are sent again when a client comes back",
  set_tcp_nodelay: "",
  store_clean_interval: "nothing waits to be cleaned",
  user: "the broker runs as whoever starts it",
  websockets_headers_size: "the head of a request may have 8 KiB",
  websockets_log_level: "log-level says what is logged",
};

/** An option that we have not, unless it has a value that asks for nothing. */
interface Missing {
  readonly says: string;
  readonly neutral?: string;
}

const BRIDGES = "bridges to other brokers are not here";
const PLUGINS = "plugins are not here";
const KEYS = "TLS with shared keys is not here";
const ENGINES = "keys must be files in PEM";
const CIPHERS = "the runtime chooses the ciphers";

/** What we have not. */
export const MISSING: Readonly<Record<string, Missing>> = {
  allow_zero_length_clientid: {
    says: "clients may leave their id to the broker",
    neutral: "true",
  },
  auth_plugin: { says: PLUGINS },
  auth_plugin_deny_special_chars: { says: PLUGINS },
  bind_interface: { says: "listeners are bound to addresses only" },
  capath: { says: "authorities must be in one file: cafile" },
  ciphers: { says: CIPHERS },
  "ciphers_tls1.3": { says: CIPHERS },
  clientid_prefixes: { says: "client ids are bound by rules with %c" },
  crlfile: { says: "revoked certificates are not looked for" },
  http_dir: { says: "no files are served" },
  max_inflight_bytes: {
    says: "max_inflight_messages bounds what is in flight",
    neutral: "0",
  },
  memory_limit: { says: "each kind of memory has a limit", neutral: "0" },
  plugin: { says: PLUGINS },
  psk_file: { says: KEYS },
  psk_hint: { says: KEYS },
  tls_engine: { says: ENGINES },
  tls_engine_kpass_sha1: { says: ENGINES },
  tls_keyform: { says: ENGINES, neutral: "pem" },
  upgrade_outgoing_qos: {
    says: "messages keep their QoS",
    neutral: "false",
  },
  use_username_as_clientid: {
    says: "client ids are bound by rules with %c",
    neutral: "false",
  },
  ...bridgeOptions(),
};

/** Those that a plugin has the names of. */
export const PLUGIN_OPTION = /^(?:auth|plugin)_opt_/;

/** What is said of them. */
export const PLUGIN_SAYS: string = PLUGINS;

function bridgeOptions(): Record<string, Missing> {
  const names = [
    ...["address", "addresses", "bridge_alpn", "bridge_attempt_unsubscribe"],
    ...["bridge_bind_address", "bridge_cafile", "bridge_capath"],
    ...["bridge_certfile", "bridge_identity", "bridge_insecure"],
    ...["bridge_keyfile", "bridge_max_packet_size", "bridge_outgoing_retain"],
    ...["bridge_protocol_version", "bridge_psk", "bridge_require_ocsp"],
    ...["bridge_tls_version", "cleansession", "clientid", "connection"],
    ...["idle_timeout", "keepalive_interval", "local_cleansession"],
    ...["local_clientid", "local_password", "local_username"],
    ...["notification_topic", "notifications", "notifications_local_only"],
    ...["password", "remote_clientid", "remote_password", "remote_username"],
    ...["restart_timeout", "round_robin", "start_type", "threshold", "topic"],
    ...["try_private", "username"],
  ];
  return Object.fromEntries(names.map((name) => [name, { says: BRIDGES }]));
}
