/**
 * The doors that a broker is measured behind: what carries the bytes, and
 * whether logins and rights are checked. A scenario is run behind several in
 * turn, as it is in several dialects. Only names.
 */

/** What carries the bytes of MQTT: TCP, WebSocket, or either in TLS. */
export type Transport = "tcp" | "tls" | "ws" | "wss";

export interface Door {
  readonly transport: Transport;
  /** Clients log in, and each topic is looked up in the access rules. */
  readonly isGuarded: boolean;
}

export const TRANSPORTS: readonly Transport[] = ["tcp", "tls", "ws", "wss"];

/** Plain TCP and no questions asked. */
export const OPEN_TCP: Door = { transport: "tcp", isGuarded: false };

/** The transports' doors: each open and, where `withGuard`, guarded too. */
export function doorsOf(
  transports: readonly Transport[],
  { withGuard }: { readonly withGuard: boolean },
): Door[] {
  return transports.flatMap((transport) => {
    const open = { transport, isGuarded: false };
    return withGuard ? [open, { transport, isGuarded: true }] : [open];
  });
}

/** Stands behind a dialect's name: `deno@4/tls`, `deno@4/ws+guarded`. */
export function doorName({ transport, isGuarded }: Door): string {
  const carrier = transport === "tcp" ? "" : `/${transport}`;
  return carrier + (isGuarded ? "+guarded" : "");
}

export function isSecure(transport: Transport): boolean {
  return transport === "tls" || transport === "wss";
}

export function isWebSocket(transport: Transport): boolean {
  return transport === "ws" || transport === "wss";
}
