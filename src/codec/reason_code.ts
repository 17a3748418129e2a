/**
 * Reason codes: MQTT 5.0 section 2.4. They name a fault inside the broker
 * for all versions; 3.1 and 3.1.1 put on the wire what they have a word for
 * (`codec/connack.ts`) and close the connection otherwise.
 *
 * @module
 */

/** All is well, or a subscription is granted at QoS 0. */
export const SUCCESS = 0x00;
/** A subscription is granted at QoS 1. */
export const GRANTED_QOS_1 = 0x01;
/** A subscription is granted at QoS 2. */
export const GRANTED_QOS_2 = 0x02;
/** A disconnect that asks for the will to be published. */
export const DISCONNECT_WITH_WILL = 0x04;
/** A message is accepted that nobody has subscribed to. */
export const NO_MATCHING_SUBSCRIBERS = 0x10;
/** Nothing to unsubscribe from. */
export const NO_SUBSCRIPTION_EXISTED = 0x11;
/** A further step of enhanced authentication. */
export const CONTINUE_AUTHENTICATION = 0x18;
/** The client wants to authenticate once more. */
export const RE_AUTHENTICATE = 0x19;
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
/** Too much to do: try again later. */
export const SERVER_BUSY = 0x89;
/** A client that is shut out by the operator. */
export const BANNED = 0x8a;
/** The broker is stopping. */
export const SERVER_SHUTTING_DOWN = 0x8b;
/** An authentication method that is unknown or not the one in use. */
export const BAD_AUTHENTICATION_METHOD = 0x8c;
/** Nothing was received for 1.5 times the keep alive. */
export const KEEP_ALIVE_TIMEOUT = 0x8d;
/** Another connection uses this client identifier now. */
export const SESSION_TAKEN_OVER = 0x8e;
/** A filter that is well formed but not accepted. */
export const TOPIC_FILTER_INVALID = 0x8f;
/** A topic name that is well formed but not accepted. */
export const TOPIC_NAME_INVALID = 0x90;
/** A packet id that is in flight already. */
export const PACKET_ID_IN_USE = 0x91;
/** A packet id that is not in flight. */
export const PACKET_ID_NOT_FOUND = 0x92;
/** More in flight than allowed. */
export const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
/** A topic alias of 0, above the maximum, or that stands for nothing. */
export const TOPIC_ALIAS_INVALID = 0x94;
/** A packet above the limit. */
export const PACKET_TOO_LARGE = 0x95;
/** Too many messages in too short a time. */
export const MESSAGE_RATE_TOO_HIGH = 0x96;
/** A limit of the broker is reached. */
export const QUOTA_EXCEEDED = 0x97;
/** The operator closes the connection. */
export const ADMINISTRATIVE_ACTION = 0x98;
/** A payload that is not what its format indicator says. */
export const PAYLOAD_FORMAT_INVALID = 0x99;
/** Messages are not retained here. */
export const RETAIN_NOT_SUPPORTED = 0x9a;
/** A QoS above the maximum QoS of the broker. */
export const QOS_NOT_SUPPORTED = 0x9b;
/** Another server is to be used for a time. */
export const USE_ANOTHER_SERVER = 0x9c;
/** Another server is to be used from now on. */
export const SERVER_MOVED = 0x9d;
/** Subscriptions are not shared here. */
export const SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9e;
/** Too many connections in too short a time. */
export const CONNECTION_RATE_EXCEEDED = 0x9f;
/** No more than this time was given to connect or to go on. */
export const MAXIMUM_CONNECT_TIME = 0xa0;
/** Subscriptions have no identifiers here. */
export const SUBSCRIPTION_IDS_NOT_SUPPORTED = 0xa1;
/** Filters have no wildcards here. */
export const WILDCARDS_NOT_SUPPORTED = 0xa2;
