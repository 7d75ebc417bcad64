/**
 * What client and gateway agree on: frames, messages, close codes, errors and limits.
 * @module statesocket/protocol
 */
export { CloseCode } from './close-codes.ts';
export { type CloseDisposition, closeDispositionOf } from './close-disposition.ts';
export {
  CLOSING,
  type Closing,
  closingText,
  isClosing,
  isHiddenCloseCode,
  isSendableCloseCode,
  readClosing,
} from './closing.ts';
export type { Codec } from './codec.ts';
export { ERROR_CODES, type ErrorCode, StatesocketError } from './errors.ts';
export {
  type CommandName,
  DEFAULT_WINDOW_COUNT,
  EMPTY_POSITION,
  EXTENSION_NAME,
  EXTENSION_VERSION,
  type HeartbeatFrame,
  isWelcome,
  lastOfHeartbeat,
  NEGOTIATION_MS,
  type PresenceMessage,
  type Receipt,
  type Resume,
  type Resumed,
  readCommandName,
  readPresence,
  readReceipt,
  readResume,
  readResumed,
  readWelcome,
  SKIPPED,
  type Skip,
  type Welcome,
} from './extension.ts';
export { BATCH, checkMessage, decodeFrame, HEARTBEAT } from './frame.ts';
export {
  CLOSING_GRACE_MS,
  MAX_ADVISED_DELAY_MS,
  MAX_DEPTH_COUNT,
  MAX_PAYLOAD_BYTES,
  REMEMBERED_IDS_COUNT,
} from './limits.ts';
export type { AckMessage, BinaryMessage, WireMessage } from './message.ts';
export {
  type MessageSchema,
  type SendSchema,
  unknownType,
  validateMessage,
  validateOutgoing,
} from './schema.ts';
export { describeFailure, SOCKET_FAILURES, type SocketFailure } from './socket-failure.ts';
