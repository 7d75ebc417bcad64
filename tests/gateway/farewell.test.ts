import { describe, expect, it } from 'vitest';
import { sendFarewell } from '../../src/gateway/wire/farewell.ts';
import type { SessionTransport } from '../../src/gateway/wire/session-transport.ts';
import { startGateway, tokenOf, userOf } from './support/gateway-harness.ts';

/** WebKit hides 1012, 1013 and 1014: before these the gateway says in a frame what its close means. */

const closingOf = ({ of }: { of(type: string): readonly object[] }) => of('CLOSING');
const said = (code: number) => [{ type: 'CLOSING', ext: 'statesocket', code }];

describe('before its close the gateway says', () => {
  it('that it shuts down', async () => {
    const { connect, gateway } = await startGateway();
    const anna = await connect('anna');
    await gateway.close();
    expect((await anna.closed).code).toBe(1012);
    expect(closingOf(anna)).toEqual(said(1012));
  });

  it('that it cannot judge a token now, to a socket that is refused', async () => {
    const { dial } = await startGateway({ authenticate: () => Promise.reject(new Error('down')) });
    const anna = dial('anna');
    expect((await anna.closed).code).toBe(1013);
    expect(anna.frames).toEqual(said(1013));
  });

  it('that a command failed', async () => {
    const { connect } = await startGateway({ handle: () => Promise.reject(new Error('down')) });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    expect((await anna.closed).code).toBe(1013);
    expect(closingOf(anna)).toEqual(said(1013));
  });

  it('what the app closes a user with, as its last frame', async () => {
    const { connect, gateway } = await startGateway();
    const anna = await connect('anna');
    gateway.publishVolatile(['anna'], { type: 'BYE' });
    gateway.disconnectUser('anna', 1013, 'busy');
    expect(await anna.closed).toEqual({ code: 1013, reason: 'busy' });
    expect(anna.frames.slice(-2)).toEqual([{ type: 'BYE' }, ...said(1013)]);
  });
});

describe('the gateway says nothing', () => {
  it('before codes that every engine shows', async () => {
    const { connect, dial, gateway } = await startGateway({
      authenticate: async (token) => (token === tokenOf('bert') ? null : userOf(token)),
    });
    const anna = await connect('anna');
    const bert = dial('bert');
    gateway.disconnectUser('anna', 4409, 'elsewhere');
    expect((await anna.closed).code).toBe(4409);
    expect((await bert.closed).code).toBe(4401);
    expect([...closingOf(anna), ...bert.frames]).toEqual([]);
  });

  it('to a socket whose buffer is stuck', () => {
    const done: unknown[] = [];
    const transport = (bufferedBytes: number): SessionTransport => ({
      isOpen: true,
      sendAll() {},
      send: (frame) => done.push(JSON.parse(String(frame))),
      ping() {},
      close: (code) => done.push(code),
      terminate() {},
      bufferedBytes,
    });
    sendFarewell(transport(1_000_000), 1012, 'server restarts');
    expect(done).toEqual([1012]);
    sendFarewell(transport(64 * 1024), 1012, 'server restarts');
    expect(done).toEqual([1012, 1012]);
    sendFarewell(transport(64 * 1024 - 1), 1012, 'server restarts');
    expect(done).toEqual([1012, 1012, ...said(1012), 1012]);
  });
});
