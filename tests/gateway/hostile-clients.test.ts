import { describe, expect, it } from 'vitest';
import { EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { command, passOnToBert, settle, startHub } from './support/hub-harness.ts';

const textsOf = async (engine: Engine, userId: string) =>
  ((await engine.readAfter(userId, EMPTY_POSITION, 1_000)) ?? []).map(({ text }) => JSON.parse(text).text);
const ANSWERED = { type: 'RESUMED', ok: false, last: EMPTY_POSITION };

describe('a hostile client of the extension', () => {
  it.each([
    ['a RESUME without a cursor', { type: 'RESUME' }],
    ['a RESUME whose cursor is no text', { type: 'RESUME', after: 7 }],
    ['a RESUME whose cursor is endless', { type: 'RESUME', after: 'x'.repeat(129) }],
    ['a command with half a name', { type: 'A', clientId: 'page' }],
    ['a command whose number is none', command('page', Number.NaN)],
    ['a command numbered 0', command('page', 0)],
    ['a command with a number beyond all', command('page', 2 ** 53)],
    ['a command with an empty clientId', command('', 1)],
    ['a command with an endless clientId', command('x'.repeat(129), 1)],
    ['a command whose key is no text', command('page', 1, { key: { toString: 'x' } })],
    ['a SKIP without a name', { type: 'SKIP' }],
    ['a SKIP without a key', { type: 'SKIP', clientId: 'page', n: 1 }],
    ['a good command beside a bad one', [command('page', 1), command('page', 1.5)]],
  ])('is closed with 4400 for %s, and nothing of the frame is done (I16)', async (_what, frame) => {
    const handle = passOnToBert();
    const { connect, engine, errors } = startHub({ handle });
    const anna = await connect('anna');
    await anna.say(frame);
    expect(anna.closeCode).toBe(4400);
    expect(errors.map(({ code }) => code)).toEqual(['malformed-frame']);
    expect(handle).not.toHaveBeenCalled();
    expect((await engine.recall('anna', 'page', 1)).decided).toBe(0);
  });

  it('that takes the largest number there is has used up its own client, and nobody else is affected', async () => {
    const { connect, engine } = startHub({ handle: passOnToBert() });
    const [eve, anna] = [await connect('eve'), await connect('anna')];
    await eve.say(command('page', Number.MAX_SAFE_INTEGER, { text: 'huge' }));
    await eve.say(command('page', 5, { text: 'below it' }));
    await anna.say(command('page', 1, { text: 'anna' }));
    expect(await textsOf(engine, 'bert')).toEqual(['huge', 'anna']);
    expect(anna.of('RECEIPT')).toHaveLength(1);
  });

  it('that speaks for the client of another user decides nothing of it and learns nothing of it (I14)', async () => {
    const { connect, engine } = startHub({
      handle(given, { publish, reject }) {
        if (given.kind !== 'message') return;
        if (given.message.text === 'no') reject('secret-reason');
        else publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
      },
    });
    const [anna, eve] = [await connect('anna'), await connect('eve')];
    await anna.say(command('annas-page', 1, { text: 'no' }));
    await eve.say(command('annas-page', 1, { text: 'eve', key: 'of eve' }));
    await eve.say({ type: 'SKIP', clientId: 'annas-page', n: 2, key: 'of eve, too' });
    await anna.say(command('annas-page', 2, { text: 'anna' }));
    expect(JSON.stringify(eve.messages)).not.toContain('secret-reason');
    expect(anna.of('RECEIPT').at(-1)).toMatchObject({ n: 2, rejected: [{ n: 1, code: 'secret-reason' }] });
    expect(await textsOf(engine, 'bert')).toEqual(['eve', 'anna']);
  });

  it('that sends more commands than may wait is closed with 4429, and the rest of them never runs (I15)', async () => {
    const finish: (() => void)[] = [];
    const { connect } = startHub({ handle: () => new Promise((resolve) => finish.push(resolve)) });
    const anna = await connect('anna');
    await anna.resume(null);
    // One runs and 128 wait: four windows.
    for (let n = 1; n <= 129; n += 1) await anna.say(command('page', n));
    expect(anna.closeCode).toBeNull();
    await anna.say(command('page', 130));
    expect(anna.closeCode).toBe(4429);
    finish[0]?.();
    await settle();
    expect(finish).toHaveLength(1);
  });

  it('that fills the memory is closed with 4429 when more than a window of the largest frames waits (I15)', async () => {
    const { connect } = startHub({
      handle: () => new Promise(() => {}),
      limits: { windowCount: 4, maxPayloadBytes: 1_000 },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    const large = (n: number) => command('page', n, { padding: 'x'.repeat(850) });
    for (let n = 1; n <= 5; n += 1) await anna.say(large(n));
    expect(anna.closeCode).toBeNull();
    await anna.say(large(6));
    expect(anna.closeCode).toBe(4429);
  });

  it('that speaks for more than 256 clients is closed with 4429 (I15)', async () => {
    const { connect } = startHub({ handle: passOnToBert() });
    const anna = await connect('anna');
    for (let page = 1; page <= 256; page += 1) await anna.say(command(`page ${page}`, 1));
    expect(anna.of('RECEIPT')).toHaveLength(256);
    await anna.say(command('page 256', 2));
    expect(anna.closeCode).toBeNull();
    await anna.say(command('page 257', 1));
    expect(anna.closeCode).toBe(4429);
  });

  it.each([
    ['RESUME', { type: 'RESUME', after: null }],
    ['PING', { type: 'PING' }],
    ['ACKs of what was never sent', { type: 'ACK', messageId: '1-never' }],
    ['empty batches', []],
  ])('that floods with %s is closed with 4429 after a second of them at most', async (_what, frame) => {
    const { connect, engine } = startHub();
    const anna = await connect('anna');
    await anna.resume(null);
    for (let n = 0; n < 49; n += 1) await anna.say(frame);
    expect(anna.closeCode).toBeNull();
    await anna.say(frame);
    expect(anna.closeCode).toBe(4429);
    expect(await engine.last('anna')).toBe(EMPTY_POSITION);
  });

  it('that sends many RESUMEs in one frame gets one answer', async () => {
    const { connect } = startHub();
    const anna = await connect('anna');
    await anna.say(Array.from({ length: 40 }, () => ({ type: 'RESUME', after: null })));
    expect(anna.of('RESUMED')).toEqual([ANSWERED]);
  });

  it('that acknowledges what it got pays nothing for it, however fast', async () => {
    const { connect, engine } = startHub();
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    for (let n = 0; n < 200; n += 1) {
      await engine.append('anna', ['{"type":"NEW_MESSAGE"}']);
      await settle();
      await anna.say({ type: 'ACK', messageId: anna.of('NEW_MESSAGE').at(-1)?.id });
    }
    expect(anna.of('NEW_MESSAGE')).toHaveLength(200);
    expect(anna.closeCode).toBeNull();
  });
});

describe('the rate limit', () => {
  it('delays the receipts of a client of the extension, and never closes it', async () => {
    const { connect, clock, engine } = startHub({
      handle: passOnToBert(),
      limits: { maxCommandsPerSecond: 10 },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    for (let n = 1; n <= 32; n += 1) await anna.say(command('page', n, { text: n }));
    expect(anna.of('RECEIPT')).toHaveLength(10);
    for (let tenths = 0; tenths < 22; tenths += 1) {
      clock.passes(100);
      await settle();
    }
    expect(anna.of('RECEIPT')).toHaveLength(32);
    expect(anna.closeCode).toBeNull();
    expect(await textsOf(engine, 'bert')).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
  });

  it('makes nobody wait on a socket that is gone, and leaves no timer (I10)', async () => {
    for (const end of ['cut', 'drain'] as const) {
      const handle = passOnToBert();
      const { connect, clock, hub } = startHub({ handle, limits: { maxCommandsPerSecond: 1 } });
      const anna = await connect('anna');
      await anna.resume(null);
      await anna.say([command('page', 1), command('page', 2), command('page', 3)]);
      expect(handle).toHaveBeenCalledTimes(1);
      if (end === 'cut') anna.cut();
      await hub.drain();
      await settle();
      // What came before the peer went still runs; what waits when the gateway closes does not.
      expect(handle).toHaveBeenCalledTimes(end === 'cut' ? 3 : 1);
      expect(clock.timerCount).toBe(0);
    }
  });
});

describe('an engine of a hostile kind', () => {
  it('that answers never has failed after 30 s: 1013, and nothing further is run', async () => {
    const engine = memoryEngine();
    const handle = passOnToBert();
    const { connect, clock, errors } = startHub({
      engine: { ...engine, decide: () => new Promise(() => {}) },
      handle,
      limits: { heartbeatMs: 30_000 },
    });
    const anna = await connect('anna');
    await anna.say([command('page', 1), command('page', 2)]);
    clock.passes(29_999);
    await settle();
    expect(anna.closeCode).toBeNull();
    clock.passes(1);
    await settle();
    expect(anna.closeCode).toBe(1013);
    expect(errors.map(({ code }) => code)).toEqual(['command-failed']);
    expect(handle).toHaveBeenCalledTimes(1);
  });
});
