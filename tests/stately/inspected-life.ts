import type { StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario } from 'statesocket/testing';

/** What no inspector may hear of, each in its own words. */
const CANARIES = {
  token: `tok-${crypto.randomUUID()}`,
  firstUser: 'ada-lovelace',
  secondUser: 'charles-babbage',
  host: 'redngift.test',
  payload: 'a-payload',
  closeReason: 'a-close-reason',
  errorText: 'an-error-text',
  firedByHand: 'fired-by-hand',
};

/** A connection whose whole life is full of canaries. */
export const createCanaryScenario = () => {
  let fails = false;
  const scenario = createScenario({
    url: ({ token }) => `wss://${CANARIES.host}/connect/${token}/`,
    getToken: () => {
      if (fails) throw new Error(`${CANARIES.errorText} about ${CANARIES.token}`);
      return CANARIES.token;
    },
    backoff: () => 60_000,
    delivery: durableDelivery(),
  });
  const { connection, server, clock } = scenario;
  connection.onMessage(() => {});

  return {
    ...scenario,
    /** Opens, chats, closes, is refused, is retried, changes its user, fails and is logged out. */
    livesAWholeLife() {
      connection.connect({ userId: CANARIES.firstUser });
      server.accepts();
      server.sends({ type: 'NEW_MESSAGE', id: 'm1', text: CANARIES.payload });
      connection.send({ type: 'SEND_MESSAGE', text: CANARIES.payload });
      clock.passes(6_000);
      server.closes(1011, `${CANARIES.closeReason} ${CANARIES.token}`);
      connection.retry();
      server.accepts();
      server.closes(4401, CANARIES.closeReason);
      server.accepts();
      connection.connect({ userId: CANARIES.secondUser });
      server.accepts();
      server.closes(1006);
      fails = true;
      connection.retry();
      fails = false;
      const { actor } = connection;
      actor.send({ type: 'socket.closed', code: 1006, reason: CANARIES.closeReason, wasClean: false });
      // By hand people fire anything.
      actor.send({ type: CANARIES.firedByHand as 'user.retry' });
      actor.send({ type: 'network.lost', [CANARIES.firedByHand]: CANARIES.token } as {
        type: 'network.lost';
      });
      actor.send({ type: 'network.restored' });
      connection.retry();
      actor.send({ type: 'socket.closed', code: CANARIES.firedByHand } as never);
      connection.logout();
      clock.passes(80_000); // the connect budget is whole again
    },
  };
};

/** Every string and name in a value of JSON, and in JSON that stands in a string. */
const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') {
    if (!value.startsWith('{')) return [value];
    return [value, ...stringsIn(JSON.parse(value))];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...stringsIn(member)]);
};

/** Which canaries are heard in messages, string by string. */
export const canariesIn = (messages: readonly unknown[]): string[] => {
  const strings = stringsIn(JSON.parse(JSON.stringify(messages)));
  return Object.entries(CANARIES)
    .filter(([, canary]) => strings.some((text) => text.includes(canary)))
    .map(([name]) => name);
};

export const codesOf = (errors: readonly StatesocketError[]): string[] => errors.map(({ code }) => code);
