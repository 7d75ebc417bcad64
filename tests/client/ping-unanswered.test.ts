import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const INTERVAL_MS = 14_000;
const TIMEOUT_MS = 5_000;

/** A connection with a ping, to a server that is not known to reply to it. */
const setUp = () => {
  const { connection, server, clock, errors } = createScenario({
    heartbeat: { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, ping: () => 'PING' },
    backoff: () => 1_000,
  });
  connection.connect({ userId: 'ada' });
  return {
    connection,
    server,
    opens: () => {
      for (let waits = 0; connection.status !== 'connecting' && waits < 100; waits += 1) clock.passes(1_000);
      server.accepts();
    },
    /** The server is silent until the ping is out. */
    isPinged: () => clock.passes(INTERVAL_MS),
    /** Nothing comes after the ping: the socket is given up. */
    isGivenUp: () => clock.passes(TIMEOUT_MS),
    codes: () => errors.map(({ code }) => code),
    errors,
  };
};

describe('a server that does not reply to heartbeat.ping', () => {
  it('is reported at the second socket in a row, once: it would be dialled for ever', () => {
    const { opens, isPinged, isGivenUp, codes, errors } = setUp();
    const told: number[] = [];
    for (let socket = 1; socket <= 4; socket += 1) {
      opens();
      isPinged();
      isGivenUp();
      told.push(codes().length);
    }
    expect(told).toEqual([0, 1, 1, 1]);
    expect(errors[0]).toMatchObject({
      code: 'ping-unanswered',
      message: expect.stringContaining('this server does not reply to such a frame'),
    });
  });

  it('is not one that has replied once on the socket that is given up: that one was half-open', () => {
    const { server, opens, isPinged, isGivenUp, codes } = setUp();
    opens();
    isPinged();
    isGivenUp();
    opens();
    isPinged();
    server.sendsText('PONG');
    isPinged();
    isGivenUp();
    opens();
    isPinged();
    isGivenUp();
    expect(codes()).toEqual([]);
  });
});
