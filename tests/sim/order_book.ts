/**
 * The order in which messages come to each client: that of their publisher,
 * by topic and QoS, as they come first [MQTT-4.6.0-6], and in each of its
 * connections also where they come again [MQTT-4.6.0-1].
 */

interface Sequenced {
  readonly key: string;
  readonly publisher: string;
  readonly topic: string;
  readonly sequence: number;
}

export class OrderBook {
  readonly #latest = new Map<string, Sequenced>();

  /**
   * Fails when `message` comes behind a later one.
   *
   * @param where A client, or one of its connections.
   */
  check(where: string, message: Sequenced, qos: number): void {
    const { publisher, topic } = message;
    const lane = `${where} ${publisher} ${topic} ${qos}`;
    const latest = this.#latest.get(lane);
    if (latest !== undefined && latest.sequence > message.sequence) {
      throw new Error(
        `${where}: ${message.key} QoS ${qos} came after ${latest.key}`,
      );
    }
    this.#latest.set(lane, message);
  }
}
