/**
 * Reason codes: MQTT 5.0 section 2.4. They name a fault inside the broker
 * for all versions; 3.1 and 3.1.1 put on the wire what they have a word for
 * (`codec/connack.ts`) and close the connection otherwise.
 *
 * @module
 */

/** All is well, or a subscription is granted at QoS 0. */
export const SUCCESS = 0x00;
/** A disconnect that asks for the will to be published. */
export const DISCONNECT_WITH_WILL = 0x04;
/** The sender does not say more. */
export const UNSPECIFIED_ERROR = 0x80;
/** Bytes that are no packet of this version. */
export const MALFORMED_PACKET = 0x81;
/** A packet that is well formed but not allowed here. */
export const PROTOCOL_ERROR = 0x82;
/** Correct, but not done by this broker. */
export const IMPLEMENTATION_ERROR = 0x83;
/** No such protocol version here. */
export const UNSUPPORTED_PROTOCOL_VERSION = 0x84;
/** A client identifier that is not allowed. */
export const CLIENT_ID_INVALID = 0x85;
/** A user name or password that is not accepted. */
export const BAD_CREDENTIALS = 0x86;
/** A known client without the right. */
export const NOT_AUTHORIZED = 0x87;
/** Try again later. */
export const SERVER_UNAVAILABLE = 0x88;
/** The broker is stopping. */
export const SERVER_SHUTTING_DOWN = 0x8b;
/** Nothing was received for 1.5 times the keep alive. */
export const KEEP_ALIVE_TIMEOUT = 0x8d;
/** Another connection uses this client identifier now. */
export const SESSION_TAKEN_OVER = 0x8e;
/** A filter that is well formed but not accepted. */
export const TOPIC_FILTER_INVALID = 0x8f;
/** A topic name that is well formed but not accepted. */
export const TOPIC_NAME_INVALID = 0x90;
/** More in flight than allowed. */
export const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
/** A packet above the limit. */
export const PACKET_TOO_LARGE = 0x95;
/** A limit of the broker is reached. */
export const QUOTA_EXCEEDED = 0x97;
/** No more than this time was given to connect or to go on. */
export const MAXIMUM_CONNECT_TIME = 0xa0;
