/**
 * Every property in every packet, each right and wrong in all ways: a table
 * that is made, not picked. What is wrong must have the reason code that MQTT
 * 5.0 gives it, and a sentence that names the property. Runs under Deno and
 * Bun.
 */

import { encodeProperties } from "../../src/codec/properties.ts";
import { PROPERTIES, propertyOf } from "../../src/codec/property.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
  TOPIC_ALIAS_INVALID,
} from "../../src/codec/reason_code.ts";
import { ILL_FORMED } from "../support/ill_formed.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";
import { bytesOf } from "./fixtures.ts";
import {
  type Kind,
  KINDS,
  lengthHex,
  packetOf,
  propertyHex,
  type Row,
  ROWS,
} from "./property_kinds.ts";

function expectFault(
  kind: Kind,
  packet: Uint8Array,
  reason: number,
  says: string,
): void {
  const read = () => kind.read(packet);
  const what = `${kind.packet} ${packet.join()}`;
  const error = assertThrows(read, ProtocolError, says, what);
  assertEquals(error.reason, reason, `${error.message}: ${what}`);
}

function isAllowed({ packet }: Kind, { packets }: Row): boolean {
  return packets.split(" ").includes(packet);
}

/** An AUTH, and authentication data, want an authentication method. */
function needsMethod({ packet }: Kind, { id }: Row): boolean {
  return id === 22 || (packet === "AUTH" && id !== 21);
}

/** What must stand before a property so that it is not refused for that. */
function companion(kind: Kind, row: Row): string {
  return needsMethod(kind, row) ? "15 0001'm'" : "";
}

function mayRepeat({ packet }: Kind, { id }: Row): boolean {
  return id === 38 || (id === 11 && packet === "PUBLISH");
}

function roundTrip(kind: Kind, row: Row): void {
  const block = bytesOf(companion(kind, row) + propertyHex(row));
  const properties = kind.read(packetOf(kind, block));
  const method = needsMethod(kind, row) ? { authenticationMethod: "m" } : {};
  assertEquals(properties, { ...method, [row.field]: row.value });
  assertEquals(
    encodeProperties(properties),
    // Written in the order of their identifiers.
    row.id < 21 && needsMethod(kind, row)
      ? bytesOf(propertyHex(row) + companion(kind, row))
      : block,
  );
}

function repeat(kind: Kind, row: Row): void {
  const hex = companion(kind, row) + propertyHex(row).repeat(2);
  const packet = packetOf(kind, bytesOf(hex));
  if (!mayRepeat(kind, row)) {
    expectFault(kind, packet, PROTOCOL_ERROR, row.name);
    return;
  }
  const values = row.value as readonly unknown[];
  const found: unknown = kind.read(packet)[row.field];
  assertEquals(found, [...values, ...values]);
}

/** The block says that it ends where the property does not. */
function cut(kind: Kind, row: Row): void {
  const before = bytesOf(companion(kind, row));
  const property = bytesOf(propertyHex(row));
  for (let length = 1; length < property.length; length++) {
    const block = Uint8Array.of(...before, ...property.slice(0, length));
    expectFault(kind, packetOf(kind, block), MALFORMED_PACKET, row.name);
  }
}

function lengths(kind: Kind, row: Row): void {
  const block = bytesOf(companion(kind, row) + propertyHex(row));
  const { length } = block;
  const longer = lengthHex(length | 0x80);
  for (
    const told of [
      // More bytes than it needs, more than four, none that is the last.
      `${longer} 00`,
      `${longer} 80 00`,
      `${longer} 80 80 00`,
      `${longer} 80 80 80 00`,
      "ff ff ff ff 01",
      "ff ff ff ff 7f",
      // Beyond the end of the packet.
      "7f",
      "ff 7f",
      "ff ff ff 7f",
    ]
  ) {
    const packet = packetOf(kind, block, told);
    expectFault(kind, packet, MALFORMED_PACKET, "property length");
  }
}

/** Values that are none, by how they lie on the wire. */
function wrongValues(row: Row): [reason: number, hex: string][] {
  const { id } = row;
  const type = propertyOf(id)!.type;
  if (type === "byte" || type === "flag") {
    return [[PROTOCOL_ERROR, "02"], [PROTOCOL_ERROR, "ff"]];
  }
  if (id === 33) return [[PROTOCOL_ERROR, "0000"]];
  if (id === 35) return [[TOPIC_ALIAS_INVALID, "0000"]];
  if (id === 39) return [[PROTOCOL_ERROR, "00000000"]];
  if (id === 11) {
    const malformed = ["8000", "818000", "81808000", "ffffffff01", "ffffffff"];
    return [
      [PROTOCOL_ERROR, "00"],
      ...malformed.map((hex) => [MALFORMED_PACKET, hex] as [number, string]),
    ];
  }
  const topics = id === 8 ? ["0000", "0001'#'", "0003'a/+'", "0002'+a'"] : [];
  return topics.map((hex) => [PROTOCOL_ERROR, hex]);
}

function refuseValues(kind: Kind, row: Row): void {
  for (const [reason, hex] of wrongValues(row)) {
    const block = bytesOf(companion(kind, row) + propertyHex(row, hex));
    expectFault(kind, packetOf(kind, block), reason, row.name);
  }
}

/** [MQTT-1.5.4-1], [MQTT-1.5.4-2], short and long, and in both of a pair. */
function refuseTexts(kind: Kind, row: Row): void {
  const type = propertyOf(row.id)!.type;
  if (type !== "text" && type !== "pair") return;
  const broken = [Uint8Array.of(0), ...ILL_FORMED.map(([, bytes]) => bytes)];
  const good = field(bytesOf("'k'"));
  for (const bytes of broken) {
    for (const padding of ["", "'xxxxxxxxxxxxxxxxxxxxxxx'"]) {
      const bad = field(Uint8Array.of(...bytesOf(padding), ...bytes));
      const values = type === "text"
        ? [bad]
        : [[...bad, ...good], [...good, ...bad]];
      for (const value of values) {
        const before = bytesOf(companion(kind, row));
        const block = Uint8Array.of(...before, row.id, ...value);
        expectFault(kind, packetOf(kind, block), MALFORMED_PACKET, row.name);
      }
    }
  }
}

function field(bytes: Uint8Array): number[] {
  return [0, bytes.length, ...bytes];
}

for (const kind of KINDS) {
  for (const row of ROWS) {
    if (!isAllowed(kind, row)) {
      test(`${row.name} does not belong into ${kind.packet}`, () => {
        const packet = packetOf(kind, bytesOf(propertyHex(row)));
        expectFault(kind, packet, MALFORMED_PACKET, row.name);
      });
      continue;
    }
    test(`${row.name} in ${kind.packet}, right and wrong`, () => {
      roundTrip(kind, row);
      repeat(kind, row);
      cut(kind, row);
      lengths(kind, row);
      refuseValues(kind, row);
      refuseTexts(kind, row);
    });
  }

  test(`${kind.packet} has no unknown properties`, () => {
    const known = ROWS.map(({ id }) => id);
    for (let id = 0; id < 256; id++) {
      if (known.includes(id)) continue;
      const block = Uint8Array.of(id, 0, 0, 0, 0);
      const says = `unknown property ${id}`;
      expectFault(kind, packetOf(kind, block), MALFORMED_PACKET, says);
    }
  });

  test(`${kind.packet} may have all of its properties at once`, () => {
    const rows = ROWS.filter((row) => isAllowed(kind, row));
    const block = bytesOf(rows.map((row) => propertyHex(row)).join(""));
    const properties = kind.read(packetOf(kind, block));
    const expected = rows.map(({ field, value }) => [field, value]);
    assertEquals(properties, Object.fromEntries(expected));
    assertEquals(encodeProperties(properties), block);
  });
}

test("the table has 27 properties, and so has the codec", () => {
  assertEquals(ROWS.length, 27);
  assertEquals(
    PROPERTIES.map(({ id, name, field }) => [id, name, field]),
    ROWS.map(({ id, name, field }) => [id, name, field]),
  );
  for (const { id, packets } of ROWS) {
    const ours = [...propertyOf(id)!.packets].sort();
    assertEquals(ours, packets.split(" ").sort());
  }
});

test("[MQTT-3.3.4-6] a client sends no subscription identifier", () => {
  const kind = KINDS.find(({ packet }) => packet === "PUBLISH")!;
  const bytes = packetOf(kind, bytesOf("0b 01"));
  const read = () =>
    readPublish(bytes, 0, 2, bytes.length, 5, new PublishView());
  const error = assertThrows(read, ProtocolError, "Subscription Identifier");
  assertEquals(error.reason, PROTOCOL_ERROR);
});

test("authentication data without a method is a protocol error", () => {
  for (const kind of KINDS) {
    if (!["CONNECT", "CONNACK", "AUTH"].includes(kind.packet)) continue;
    const packet = packetOf(kind, bytesOf("16 0001 00"));
    const says = "no Authentication Method";
    expectFault(kind, packet, PROTOCOL_ERROR, says);
  }
});

test("user properties keep their order, many and long ones too", () => {
  for (const kind of KINDS) {
    const pairs: readonly (readonly [string, string])[] = [
      ["b", ""],
      ["a", "1"],
      ["b", "ä"],
      ["", "x".repeat(20)],
    ];
    const values = pairs.map(([name, text]) => [
      38,
      ...field(new TextEncoder().encode(name)),
      ...field(new TextEncoder().encode(text)),
    ]);
    const block = Uint8Array.from([
      ...bytesOf(kind.packet === "AUTH" ? "15 0001'm'" : ""),
      ...values.flat(),
    ]);
    assert(block.length < 128);
    assertEquals(kind.read(packetOf(kind, block)).userProperties, pairs);
  }
});
