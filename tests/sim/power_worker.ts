/** A thread that plays seeds and tells of the first that fails. */

import { firstFailure, tell } from "./power_run.ts";

/** Which seeds. */
export interface Task {
  readonly first: number;
  readonly count: number;
}

export interface Answer {
  readonly failure: string | undefined;
}

/** A thread's own scope, as far as it is used. */
interface Scope {
  onmessage: (event: { data: Task }) => void;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data: { first, count } }) => {
  const found = firstFailure(first, count);
  scope.postMessage({ failure: found && tell(found.seed) });
};
