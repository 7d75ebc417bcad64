import type { Diagnostics } from './diagnostics.ts';

const nothing = (): void => {};

/**
 * For a page in production. What it leaves out says how an app is written (the words after a wrong option, names that nobody
 * reads, connections by the dozen, what JSON alters), and was seen in development; or no browser tells it (why a handshake failed).
 */
export const leanDiagnostics: Diagnostics = {
  wordsOfOption: () => 'cannot work; a development build says what it must be',
  made: () => nothing,
  enterPlace: nothing,
  leavePlace: nothing,
  watchAltered: () => nothing,
  failureOfEvent: () => null,
  describeFailure: () => 'The WebSocket reported an error.',
};
