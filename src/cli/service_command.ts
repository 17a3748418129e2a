/**
 * `broker service systemd`: prints a unit that runs the broker as a service
 * with no more rights than it needs. It is `Type=notify`, with which
 * `cli/service_manager.ts` talks; systemd before 253 does not know
 * `notify-reload`, and takes what the broker says of a reload with both.
 *
 * @module
 */

import { asksForHelp } from "./flag_words.ts";
import type { HostProcess } from "./host_process.ts";
import { quoted, UsageError } from "./usage_error.ts";

const PAGE = `\
Usage: broker service systemd

Prints a unit for systemd. It runs /usr/local/bin/broker, which is what
deno task compile makes, as a user of its own that owns /var/lib/broker and
nothing else. Settings are variables in /etc/broker/environment; that user has
to be able to read the files that they name.

Examples:
  sudo install dist/broker /usr/local/bin/
  broker service systemd | sudo tee /etc/systemd/system/broker.service
  echo BROKER_LOG_LEVEL=warn | sudo tee -a /etc/broker/environment
  sudo systemctl enable --now broker
`;

const UNIT = `\
[Unit]
Description=MQTT broker
Wants=network-online.target
After=network-online.target

[Service]
# It tells when it is ready, reloads or stops, and that its event loop goes on;
# systemd-notify tells it where the broker itself can't. A start may have to
# read a large store.
Type=notify
NotifyAccess=all
WatchdogSec=30
TimeoutStartSec=5min
ExecStart=/usr/local/bin/broker
ExecReload=/bin/kill -HUP $MAINPID
EnvironmentFile=-/etc/broker/environment
Restart=on-failure
RestartSec=1
TimeoutStopSec=10
LimitNOFILE=65536

# Who it is, and what it may write to.
DynamicUser=yes
User=broker
StateDirectory=broker
StateDirectoryMode=0700
RuntimeDirectory=broker
ConfigurationDirectory=broker
WorkingDirectory=/var/lib/broker
UMask=0077

# What it can't do. A compiler of JavaScript writes code into memory, so that
# MemoryDenyWriteExecute= is not among it.
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
AmbientCapabilities=CAP_NET_BIND_SERVICE
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
PrivateDevices=yes
PrivateTmp=yes
RemoveIPC=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;

/**
 * Runs the command.
 *
 * @param args The arguments behind `service`.
 * @throws {UsageError} When it is no service manager that is known.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { serviceCommand } from "./service_command.ts";
 *
 * serviceCommand({
 *   print: (text) => assert(text.includes("\nProtectSystem=strict\n")),
 * }, ["systemd"]);
 * ```
 */
export function serviceCommand(
  host: Pick<HostProcess, "print">,
  args: readonly string[],
): void {
  if (asksForHelp(args)) return host.print(PAGE, "stdout");
  if (args.length > 1 || args[0] !== "systemd") {
    throw new UsageError(
      `there is a unit for systemd, and none for ${quoted(args.join(" "))}`,
    );
  }
  host.print(UNIT, "stdout");
}
