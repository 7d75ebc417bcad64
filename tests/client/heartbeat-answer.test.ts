import { createScenario } from 'statesocket/testing';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';

const Chat = v.object({ type: v.literal('NEW_MESSAGE'), text: v.string() });

/** An open connection that pings a server which is silent for 15 s. */
const pinged = (messages?: typeof Chat) => {
  const scenario = createScenario<{ type: string }>({
    ack: true,
    heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping: () => '{"type":"PING"}' },
    ...(messages && { messages }),
  });
  const { connection, server, clock, errors } = scenario;
  connection.connect({ userId: 'ada' });
  server.accepts();
  clock.passes(15_000);
  return { ...scenario, codes: () => errors.map(({ code }) => code) };
};

describe('the answer to a ping', () => {
  it.each([
    ['{"type":"PONG"}', 'of a type that nobody listens to'],
    ['pong', 'that is no JSON'],
    ['null', 'that is no message'],
  ])('%s, %s, is a sign of life and no fault, each time', (answer) => {
    const { connection, server, clock, codes } = pinged();
    for (let ping = 1; ping <= 10; ping += 1) {
      expect(server.received).toHaveLength(ping);
      server.sendsText(answer);
      clock.passes(15_000);
    }
    expect([connection.status, codes()]).toEqual(['open', []]);
    connection.dispose();
  });

  it('is no fault where the schema does not know it', () => {
    const { connection, server, codes } = pinged(Chat);
    server.sends({ type: 'PONG' });
    expect([connection.status, codes()]).toEqual(['open', []]);
    connection.dispose();
  });

  it('may come after other messages', () => {
    const { connection, server, codes } = pinged();
    const heard = vi.fn();
    connection.on('NEW_MESSAGE', heard);
    server.sends({ type: 'NEW_MESSAGE' }, { type: 'PONG' });
    expect([heard.mock.calls.length, codes()]).toEqual([1, []]);
    connection.dispose();
  });

  it('reaches its listener where it has one', () => {
    const { connection, server, codes } = pinged();
    const heard = vi.fn();
    connection.on('PONG', heard);
    server.sends({ type: 'PONG' });
    expect([heard.mock.calls.length, codes()]).toEqual([1, []]);
    connection.dispose();
  });

  it('is one frame: the next that nobody knows is reported', () => {
    const { connection, server, codes } = pinged();
    server.sends({ type: 'PONG' }, { type: 'PONG' });
    server.sendsText('pong');
    expect(codes()).toEqual(['unknown-type', 'malformed-frame']);
    connection.dispose();
  });

  it('is not a second one, where the server has answered by HEARTBEAT', () => {
    const { connection, server, codes } = pinged();
    server.sends({ type: 'HEARTBEAT' }, { type: 'WHAT' });
    expect(codes()).toEqual(['unknown-type']);
    connection.dispose();
  });

  it('is no message that wants an ACK, and no member of a batch', () => {
    const { connection, server, codes } = pinged();
    server.sends({ type: 'WHAT', id: 'm1' }, [{ type: 'WHICH' }]);
    expect(codes()).toEqual(['unknown-type', 'unknown-type']);
    connection.dispose();
  });

  it('is not guessed at before a ping', () => {
    const { connection, server, errors } = createScenario();
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'PONG' });
    expect(errors.map(({ code }) => code)).toEqual(['unknown-type']);
    connection.dispose();
  });
});
