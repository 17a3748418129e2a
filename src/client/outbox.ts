/**
 * What a client has sent and waits for an answer to: packet ids, and the
 * window of QoS 1 and 2 messages that a broker sets. Answers come as
 * promises; when the connection ends, all of them reject.
 *
 * @module
 */

const PACKET_IDS = 65_535;

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The packet ids of one connection. */
export class Outbox<Answer> {
  readonly #waiting = new Map<number, Waiting<Answer>>();
  readonly #queue: Waiting<void>[] = [];
  #windowMax = 1;
  #inWindow = 0;
  #lastId = 0;
  #end: Error | undefined;

  /** Sets how many messages may wait for their answer: before the first. */
  setWindow(windowMax: number): void {
    this.#windowMax = windowMax;
  }

  /** Resolves when there is room for one more message, and takes it. */
  async enter(): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#inWindow < this.#windowMax) {
      this.#inWindow++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ resolve, reject });
    await promise;
  }

  /** A message has had its answer: the next one takes its room. */
  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#inWindow--;
    else next.resolve();
  }

  /**
   * Takes a packet id that nothing waits under [MQTT-2.3.1-2].
   *
   * @param send Sends the packet with it.
   * @returns The answer, whenever it comes.
   */
  ask(send: (packetId: number) => void): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (this.#end !== undefined) {
      reject(this.#end);
      return promise;
    }
    const packetId = this.#freeId();
    this.#waiting.set(packetId, { resolve, reject });
    try {
      send(packetId);
    } catch (error) {
      this.#waiting.delete(packetId);
      reject(error as Error);
    }
    return promise;
  }

  /** Whether something waits under that id. */
  has(packetId: number): boolean {
    return this.#waiting.has(packetId);
  }

  /** An answer has come; one to nothing is let go by. */
  answer(packetId: number, answer: Answer): void {
    const waiting = this.#waiting.get(packetId);
    this.#waiting.delete(packetId);
    waiting?.resolve(answer);
  }

  /** The connection is over, and no answer comes any more. */
  close(error: Error): void {
    this.#end ??= error;
    for (const { reject } of [...this.#waiting.values(), ...this.#queue]) {
      reject(error);
    }
    this.#waiting.clear();
    this.#queue.length = 0;
  }

  #freeId(): number {
    do this.#lastId = this.#lastId % PACKET_IDS + 1; while (
      this.#waiting.has(this.#lastId)
    );
    return this.#lastId;
  }
}
