/**
 * Applies changes to the tables: reads them as `store/batch_writer.ts` has
 * written them, and runs the statement that each stands for.
 *
 * It runs in the thread that writes, from the text of the class: it must
 * name nothing from outside of itself.
 *
 * @module
 */

/** A prepared statement, as far as it is used. */
export interface Statement {
  /** Runs it. */
  run(...values: unknown[]): unknown;
  /** Runs it, for rows. */
  all(...values: unknown[]): unknown[];
}

/** A batch of changes, or what is left of it. */
export interface Changes {
  /** The batch. */
  readonly bytes: Uint8Array;
  /** The same memory. */
  readonly view: DataView;
}

/** See above. */
export class ChangeApplier {
  /** The values of the change that was read, to be altered before it runs. */
  values: unknown[] = [];
  readonly #statements: readonly Statement[];
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", {
    ignoreBOM: true,
  });
  #change = 0;

  /** @param statements What the changes are, by their number. */
  constructor(statements: readonly Statement[]) {
    this.#statements = statements;
  }

  /** Applies all of a batch, in order. */
  applyAll(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes;
    const changes = { bytes, view: new DataView(buffer, byteOffset, length) };
    for (let at = 0; at < length;) {
      at = this.read(changes, at);
      this.run();
    }
  }

  /** Reads the change at `at`; returns where the next one is. */
  read({ bytes, view }: Changes, at: number): number {
    this.#change = bytes[at]!;
    const values: unknown[] = this.values = new Array(bytes[at + 1]!);
    at += 2;
    for (let i = 0; i < values.length; i++) {
      const tag = bytes[at++]!;
      if (tag === 0) values[i] = null;
      else if (tag === 1) {
        values[i] = view.getInt32(at, true);
        at += 4;
      } else if (tag === 2) {
        values[i] = view.getFloat64(at, true);
        at += 8;
      } else {
        const end = at + 4 + view.getUint32(at, true);
        const part = bytes.subarray(at + 4, end);
        values[i] = tag === 3 ? this.#decoder.decode(part) : part;
        at = end;
      }
    }
    return at;
  }

  /** Applies the change that was read. */
  run(): void {
    this.#statements[this.#change]!.run(...this.values);
  }

  /** Applies a change that stands in no batch. */
  apply(change: number, ...values: unknown[]): void {
    this.#statements[change]!.run(...values);
  }
}
