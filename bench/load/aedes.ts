/**
 * aedes on Deno, run as a script beside our broker: the plain broker of its
 * README on one loopback port. A bench-only dependency, pinned in `deno.json`.
 */

import { createServer } from "node:net";
import { Aedes } from "aedes";

const aedes = await Aedes.createBroker();
createServer(aedes.handle).listen(Number(Deno.args[0]), "127.0.0.1");
