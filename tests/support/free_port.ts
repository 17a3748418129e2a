/**
 * Ports for programs that have to be told one. They are none of those that
 * the system gives to whom asks for any: there are tests that run meanwhile,
 * and would have it before the program that it is for.
 */

const FIRST = 20_000;
const COUNT = 10_000;

/** A port of 127.0.0.1 that nothing listens on just now. */
export function freePort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
