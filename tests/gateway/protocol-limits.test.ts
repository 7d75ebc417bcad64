import { describe, expect, it } from 'vitest';
import type { HandleCommand } from '../../src/gateway/commands/command.ts';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import { command, passOnToBert, startHub } from './support/hub-harness.ts';

const LONG = 'x'.repeat(128);

/** What docs/protocol.md says of names, numbers and floods, told by a client that was written from it. */
describe('a name of 128 characters, and a number as large as they come', () => {
  it('are taken: clientId, key and n in the receipt, and the key in the echo', async () => {
    const { connect, engine } = startHub({
      handle(given, { publish }) {
        if (given.kind === 'message') publish(['anna'], { ...given.message, type: 'NEW_MESSAGE' });
      },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    const n = Number.MAX_SAFE_INTEGER;

    await anna.say({ type: 'SEND', clientId: LONG, n, key: LONG });

    expect(anna.closeCode).toBeNull();
    expect(anna.of('RECEIPT')).toEqual([{ type: 'RECEIPT', clientId: LONG, n, rejected: [] }]);
    expect(anna.of('NEW_MESSAGE')).toMatchObject([{ key: LONG }]);
    expect((await engine.recall('anna', LONG, n)).decided).toBe(n);
  });

  it('are a position that the log does not know', async () => {
    const { connect } = startHub();
    const anna = await connect('anna');

    await anna.resume(LONG);

    expect(anna.closeCode).toBeNull();
    expect(anna.of('RESUMED')).toEqual([{ type: 'RESUMED', ok: false, last: EMPTY_POSITION }]);
  });

  it('are a code of a rejection; a longer one, or none, is the handler’s fault', async () => {
    const codes = [LONG, 'x', `${LONG}x`, ''];
    const handle: HandleCommand = (_command, { reject }) => reject(codes.shift() ?? 'none left');
    const hub = startHub({ handle });
    const { connect } = hub;
    const [anna, bert, cleo] = [await connect('anna'), await connect('bert'), await connect('cleo')];

    await anna.say(command('page', 1));
    await anna.say(command('page', 2));
    await bert.say(command('page', 1));
    await cleo.say(command('page', 1));

    expect(anna.of('RECEIPT').at(-1)).toMatchObject({
      rejected: [
        { n: 1, code: LONG },
        { n: 2, code: 'x' },
      ],
    });
    expect([bert.closeCode, cleo.closeCode]).toEqual([1013, 1013]);
    expect(hub.codes).toEqual(['command-failed', 'command-failed']);
  });

  it('are ids of the log, all of them shorter', async () => {
    const { connect, engine } = startHub();
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);

    await engine.append('anna', ['{"type":"NEW_MESSAGE"}']);
    await anna.say({ type: 'PING' });

    for (const { id, prev } of anna.of('NEW_MESSAGE')) {
      expect(String(id)).toMatch(/^.{1,128}$/);
      expect(String(prev)).toMatch(/^.{1,128}$/);
    }
    expect(anna.of('NEW_MESSAGE')).toHaveLength(1);
  });
});

describe('WELCOME', () => {
  it('says whole numbers from 1', async () => {
    const { connect } = startHub({ limits: { heartbeatMs: 1_500, windowCount: 8 } });
    const anna = await connect('anna');

    expect(anna.messages).toEqual([
      { type: 'WELCOME', ext: 'statesocket', v: 1, heartbeatMs: 1_500, window: 8 },
    ]);
  });
});

describe('a receipt', () => {
  it('names rejections above its number where a number is sent again after a higher one', async () => {
    const { connect } = startHub({ handle: (_command, { reject }) => reject('no') });
    const anna = await connect('anna');

    await anna.say([command('page', 1), command('page', 2), command('page', 1)]);

    expect(anna.of('RECEIPT').at(-1)).toEqual({
      type: 'RECEIPT',
      clientId: 'page',
      n: 1,
      rejected: [
        { n: 1, code: 'no' },
        { n: 2, code: 'no' },
        { n: 1, code: 'no' },
      ],
    });
  });
});

describe('an ACK after a reload', () => {
  it('names a last that was not sent on this socket: it opens no window, and closes nothing', async () => {
    const { connect, engine } = startHub({ limits: { windowCount: 2 } });
    const texts = [1, 2, 3, 4].map((text) => JSON.stringify({ type: 'NEW_MESSAGE', text }));
    await engine.append('anna', texts.slice(0, 1));
    const anna = await connect('anna');
    await anna.resume(null);
    const last = anna.of('RESUMED')[0]?.last;
    await engine.append('anna', texts.slice(1));
    await anna.say({ type: 'PING' });
    expect(anna.of('NEW_MESSAGE').map(({ text }) => text)).toEqual([2, 3]);

    await anna.say({ type: 'ACK', messageId: last });

    expect(anna.of('NEW_MESSAGE')).toHaveLength(2);
    expect(anna.closeCode).toBeNull();
  });
});

describe('a durable command before RESUME', () => {
  it('is run, and the server still waits for what its client speaks', async () => {
    const handle = passOnToBert();
    const { connect, engine } = startHub({ handle });
    await engine.append('anna', ['{"type":"NEW_MESSAGE"}']);
    const anna = await connect('anna');

    await anna.say([command('page', 1), { type: 'SKIP', clientId: 'page', n: 2, key: 'k' }]);
    await engine.append('anna', ['{"type":"NEW_MESSAGE"}']);

    expect(anna.types).toEqual(['WELCOME', 'RECEIPT', 'RECEIPT']);
    await anna.resume(null);
    expect(anna.types.slice(3)).toEqual(['RESUMED', 'PRESENCE']);
  });
});

describe('a RESUME after 2 s', () => {
  it('still counts: what came as to a plain client has no prev, and comes again after the cursor', async () => {
    const { connect, engine, clock } = startHub();
    const anna = await connect('anna');
    clock.passes(2_000);
    await engine.append('anna', ['{"type":"NEW_MESSAGE"}']);
    await anna.say([]);

    await anna.resume(EMPTY_POSITION);

    const [plain, chained] = anna.of('NEW_MESSAGE');
    expect(plain).not.toHaveProperty('prev');
    expect(chained).toEqual({ ...plain, prev: EMPTY_POSITION });
    expect(anna.types).toEqual(['WELCOME', 'NEW_MESSAGE', 'RESUMED', 'PRESENCE', 'NEW_MESSAGE']);
  });
});

describe('a flood of a client of the extension', () => {
  it('of commands within the window is delayed and never closed, however long it lasts', async () => {
    const { connect, clock } = startHub({ limits: { maxCommandsPerSecond: 50 } });
    const anna = await connect('anna');
    await anna.resume(null);
    let n = 0;
    for (let second = 0; second < 20; second += 1) {
      while (n < 32 + anna.of('RECEIPT').length) {
        n += 1;
        void anna.say(command('page', n));
      }
      await anna.say({ type: 'PING' });
      clock.passes(1_000);
    }

    expect(anna.closeCode).toBeNull();
    expect(anna.of('RECEIPT').length).toBeGreaterThan(32);
  });

  it('of one frame with more commands than may wait is closed with 4429, and none of it runs', async () => {
    const handle = passOnToBert();
    const { connect } = startHub({ handle });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    const frameOf = (count: number) => Array.from({ length: count }, (_, i) => command('page', i + 1));

    await anna.say(frameOf(128));
    await bert.say(frameOf(129));

    expect([anna.closeCode, bert.closeCode]).toEqual([null, 4429]);
    expect(handle).toHaveBeenCalledTimes(128);
  });
});
