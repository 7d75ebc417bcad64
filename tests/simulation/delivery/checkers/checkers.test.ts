import { describe, expect, it } from 'vitest';
import type { Happening, Mood, Record } from '../history.ts';
import { CALM_WITHIN_MS, calmChecker } from './calm.ts';
import { commandChecker } from './commands.ts';
import { pageChecker } from './pages.ts';
import { plainChecker } from './plain.ts';
import type { Checker } from './violation.ts';
import { wireChecker } from './wire.ts';

const MAX_BUFFERED_BYTES = 1_000;
const wire = wireChecker({ maxBufferedBytes: MAX_BUFFERED_BYTES });

/** Ada writes to Ben, on one page each. */
const ada: Happening = { what: 'page', page: 'ada1', user: 'ada', keeps: true };
const ben: Happening = { what: 'page', page: 'ben1', user: 'ben', keeps: true };
const says = (uid: string, parts = 1, answer = 'sent', mood: Mood = 'done'): Happening => ({
  what: 'said',
  page: 'ada1',
  uid,
  answer,
  to: ['ben'],
  parts,
  mood,
});
const entry = (uid: string, state: string, code?: string): Happening => ({
  what: 'entry',
  page: 'ada1',
  ref: uid,
  key: `key of ${uid}`,
  uid,
  state,
  ...(code === undefined ? {} : { code }),
});
const logs = (user: string, ...names: readonly string[]): Happening => ({
  what: 'appended',
  user,
  entries: names.map((name) => {
    const [ref = '', part = '0'] = name.split(':');
    return { id: `id of ${name}`, ref, part: Number(part) };
  }),
});
const decides = (ref: string, rejected: string | null = null, n = 1, key = ref): Happening => ({
  what: 'decided',
  user: 'ada',
  clientId: 'ada1',
  n,
  key,
  ref,
  rejected,
});
const applies = (page: string, name: string): Happening => {
  const [ref = '', part = '0'] = name.split(':');
  return { what: 'applied', page, id: `id of ${name}`, ref, part: Number(part) };
};
const reloads = (page: string, ...have: readonly string[]): Happening => ({ what: 'reloaded', page, have });
const breaks = (page: string): Happening => ({ what: 'discontinuity', page, reason: 'gap' });
const loses = (user: string, ...names: readonly string[]): Happening => {
  const { entries } = logs(user, ...names) as Happening & { what: 'appended' };
  return { what: 'tail lost', user, entries, refs: [] };
};
const link = (page: string, speaks = true): Happening => ({
  what: 'link',
  link: 1,
  page,
  user: page.slice(0, -1),
  speaks,
});
const frame = (
  way: 'up' | 'down',
  moment: 'sent' | 'arrived',
  member: { readonly type: string; readonly [field: string]: unknown },
  held = 0,
): Happening => ({ what: 'frame', link: 1, way, moment, members: [member], bytes: 10, held });
const welcome = frame('down', 'sent', { type: 'WELCOME', window: 2 });
const resume = frame('up', 'arrived', { type: 'RESUME', after: null });
const presence = frame('down', 'sent', { type: 'PRESENCE', online: [] });
const ends = (over: Partial<Happening & { what: 'end' }> = {}, waiting = 0): Happening => ({
  what: 'end',
  calmAfterMs: 1_000,
  pages: [{ page: 'ben1', status: 'open', delivery: 'live', waiting }],
  ...over,
});

const judge = ({ check }: Checker, happenings: readonly Happening[]): readonly string[] => {
  const records: Record[] = happenings.map((happening, index) => ({ atMs: index, ...happening }));
  return check(records).map(({ rule, kind }) => `${rule} ${kind}`);
};

describe('I2 the checker of commands', () => {
  const whole = [ada, ben, says('ada1/1', 2), entry('ada1/1', 'sent'), decides('ada1/1')];
  const both = [logs('ben', 'ada1/1:0', 'ada1/1:1'), logs('ada', 'ada1/1:0', 'ada1/1:1')];
  const delivered = entry('ada1/1', 'delivered');

  it('finds nothing in a command that is delivered to all', () => {
    expect(judge(commandChecker, [...whole, ...both, delivered])).toEqual([]);
  });
  it('finds a delivered command that is in no log', () => {
    expect(judge(commandChecker, [...whole, delivered])).toEqual(['I2 lost']);
  });
  it('finds a delivered command that one recipient lacks', () => {
    expect(judge(commandChecker, [...whole, ...both.slice(0, 1), delivered])).toEqual(['I2 lost']);
  });
  it('finds a failed command that had its effect', () => {
    expect(judge(commandChecker, [...whole, ...both, entry('ada1/1', 'failed', 'expired')])).toEqual([
      'I2 false verdict',
    ]);
  });
  it('finds a verdict that changes', () => {
    const told = [...whole, ...both, entry('ada1/1', 'failed', 'shut'), delivered];
    expect(judge(commandChecker, told)).toEqual(['I2 false verdict']);
  });
  it('finds a command that was taken and ends without a word', () => {
    expect(judge(commandChecker, [ada, says('ada1/1'), entry('ada1/1', 'queued')])).toEqual(['I2 lost']);
  });
  it('finds one that was taken and never seen in an outbox', () => {
    expect(judge(commandChecker, [ada, says('ada1/1')])).toEqual(['I2 lost']);
    expect(judge(commandChecker, [ada, says('ada1/1', 1, 'refused')])).toEqual([]);
  });
  it('excuses what was neither stored nor sent when the page was closed', () => {
    const taken = [ada, says('ada1/1'), entry('ada1/1', 'queued')];
    const gone: Happening = { what: 'page gone', page: 'ada1' };
    const kept: Happening = { what: 'kept', user: 'ada', ref: 'ada1/1' };
    const sent = [link('ada1'), frame('up', 'sent', { type: 'SAY', n: 1, key: 'key of ada1/1' })];
    expect(judge(commandChecker, [...taken, gone])).toEqual([]);
    expect(judge(commandChecker, [...taken, kept, gone])).toEqual(['I2 lost']);
    expect(judge(commandChecker, [...taken, ...sent, gone])).toEqual(['I2 lost']);
  });
  it('excuses what was sent and is forgotten where nothing was stored at all', () => {
    const volatile: Happening = { what: 'page', page: 'ada1', user: 'ada', keeps: false };
    const gone: Happening = { what: 'page gone', page: 'ada1' };
    const sent = [link('ada1'), frame('up', 'sent', { type: 'SAY', n: 1, key: 'key of ada1/1' })];
    expect(judge(commandChecker, [volatile, says('ada1/1'), entry('ada1/1', 'sent'), ...sent, gone])).toEqual(
      [],
    );
  });
  it('finds a command that was thrown away, had its effect, and did not come back as delivered', () => {
    const thrown = [...whole, ...both, entry('ada1/1', 'discarded')];
    expect(judge(commandChecker, thrown)).toEqual(['I2 false verdict']);
    expect(judge(commandChecker, [...thrown, delivered])).toEqual([]);
  });
  it('excuses what was cleared with all of the storage, unless a page wrote it again', () => {
    const stored = (what: 'kept' | 'removed' | 'cleared'): Happening => ({
      what,
      user: 'ada',
      ref: 'ada1/1',
    });
    const thrown = [...whole, ...both, stored('kept'), entry('ada1/1', 'discarded')];
    expect(judge(commandChecker, [...thrown, stored('cleared')])).toEqual([]);
    expect(judge(commandChecker, [...thrown, stored('cleared'), stored('kept')])).toEqual([
      'I2 false verdict',
    ]);
    expect(judge(commandChecker, [...thrown, stored('removed')])).toEqual(['I2 false verdict']);
    const waiting = [ada, says('ada1/1'), entry('ada1/1', 'queued'), stored('kept')];
    expect(judge(commandChecker, [...waiting, stored('cleared')])).toEqual([]);
    expect(judge(commandChecker, [...waiting, stored('cleared'), stored('kept')])).toEqual(['I2 lost']);
  });
  it('excuses what a logout discards with a word; what was told of it before stands', () => {
    const word: Happening = { what: 'reported', by: 'ada1', code: 'messages-discarded' };
    const thrown = entry('ada1/1', 'discarded');
    expect(judge(commandChecker, [...whole, word])).toEqual(['I3 partial']);
    expect(judge(commandChecker, [...whole, ...both, thrown, word])).toEqual([]);
    expect(judge(commandChecker, [ada, says('ada1/1'), entry('ada1/1', 'queued'), word])).toEqual([]);
    expect(judge(commandChecker, [...whole, delivered, entry('ada1/1', 'sent'), word])).toEqual(['I2 lost']);
    expect(judge(commandChecker, [...whole, ...both, word, delivered])).toEqual([]);
    const other: Happening = { ...word, by: 'ada2' };
    const next: Happening = { ...ada, page: 'ada2' };
    const kept: Happening = { what: 'kept', user: 'ada', ref: 'ada1/1' };
    const gone: Happening = { what: 'page gone', page: 'ada1' };
    expect(judge(commandChecker, [...whole, next, kept, ...both, thrown, other])).toEqual([
      'I2 false verdict',
    ]);
    expect(judge(commandChecker, [...whole, next, kept, gone, ...both, thrown, other])).toEqual([]);
    const leaves: Happening = { what: 'wish', page: 'ada1', wish: 'disconnect' };
    const left = [...whole, next, kept, leaves, ...both, thrown];
    expect(judge(commandChecker, [...left, other])).toEqual([]);
    const returns: Happening = { what: 'wish', page: 'ada1', wish: 'connect' };
    expect(judge(commandChecker, [...left, returns, other])).toEqual(['I2 false verdict']);
  });
  it('excuses verdicts that a failing storage did not keep', () => {
    const told = [...whole, ...both, entry('ada1/1', 'failed', 'shut')];
    const failing: Happening = { what: 'reported', by: 'ada1', code: 'storage-failed' };
    const kept: Happening = { what: 'kept', user: 'ada', ref: 'ada1/1', isFailure: true };
    expect(judge(commandChecker, [...told, delivered])).toEqual(['I2 false verdict']);
    expect(judge(commandChecker, [ada, failing, ...told, delivered])).toEqual([]);
    expect(judge(commandChecker, [ada, failing, ...told, kept, delivered])).toEqual(['I2 false verdict']);
  });
  it('excuses that a rejection is forgotten which a failing storage did not keep, and no other loss', () => {
    const failing: Happening = { what: 'reported', by: 'ada1', code: 'storage-failed' };
    const kept: Happening = { what: 'kept', user: 'ada', ref: 'ada1/1', isFailure: true };
    const asked = [ada, failing, says('ada1/1'), entry('ada1/1', 'queued')];
    const rejected = [...asked, decides('ada1/1', 'shut'), entry('ada1/1', 'failed', 'shut')];
    expect(judge(commandChecker, [...rejected, delivered])).toEqual([]);
    expect(
      judge(commandChecker, [...rejected, { what: 'kept', user: 'ada', ref: 'ada1/1' }, delivered]),
    ).toEqual([]);
    expect(judge(commandChecker, [...rejected, kept, delivered])).toContain('I2 false verdict');
    expect(judge(commandChecker, [...asked, delivered])).toEqual(['I2 lost']);
    expect(judge(commandChecker, [...asked, decides('ada1/1', null), delivered])).toEqual(['I2 lost']);
  });
  it('finds a message of the app that does not reach one of its users', () => {
    const news: Happening = { what: 'announced', ref: 'news#1', to: ['ada', 'ben'] };
    expect(judge(commandChecker, [ada, ben, news, logs('ada', 'news#1:0')])).toEqual(['I2 lost']);
  });
  it('excuses what was lost with a tail, and nothing else', () => {
    const lost = [...whole, ...both, delivered, loses('ben', 'ada1/1:0', 'ada1/1:1')];
    expect(judge(commandChecker, lost)).toEqual([]);
    expect(judge(commandChecker, [...whole, delivered, logs('ben', 'x:0'), loses('ben', 'x:0')])).toEqual([
      'I2 lost',
    ]);
  });
});

describe('I3 the checker of effects', () => {
  it('finds a command that took effect twice', () => {
    expect(judge(commandChecker, [ada, logs('ben', 'a:0'), logs('ben', 'a:0')])).toEqual(['I3 duplicated']);
  });
  it('finds commands of one page in the wrong order', () => {
    expect(judge(commandChecker, [ada, logs('ben', 'ada1/2:0'), logs('ben', 'ada1/1:0')])).toEqual([
      'I3 reordered',
    ]);
  });
  it('finds messages of one command in the wrong order', () => {
    expect(judge(commandChecker, [ada, says('a', 2, 'refused'), logs('ben', 'a:1', 'a:0')])).toContain(
      'I3 reordered',
    );
  });
  it('finds a command whose messages came apart', () => {
    expect(judge(commandChecker, [ada, says('a', 2, 'refused'), logs('ben', 'a:0')])).toEqual(['I3 partial']);
  });
  it('finds a command that took effect for one of two', () => {
    const command = [ada, ben, says('ada1/1'), entry('ada1/1', 'sent'), decides('ada1/1')];
    const removed: Happening = { what: 'removed', user: 'ada', ref: 'ada1/1' };
    expect(judge(commandChecker, [...command, removed, logs('ada', 'ada1/1:0')])).toEqual(['I3 partial']);
    const cleared: Happening = { what: 'cleared', user: 'ada', ref: 'ada1/1' };
    expect(judge(commandChecker, [...command, cleared, logs('ada', 'ada1/1:0')])).toEqual(['I3 partial']);
  });
});

describe('I4 the checker of pages', () => {
  const log = logs('ben', 'a', 'b', 'c');
  it('finds nothing where each message is applied once, in order', () => {
    expect(judge(pageChecker, [ben, log, ...['a', 'b', 'c'].map((name) => applies('ben1', name))])).toEqual(
      [],
    );
  });
  it('finds a message that is applied twice', () => {
    expect(judge(pageChecker, [ben, log, applies('ben1', 'a'), applies('ben1', 'a')])).toEqual([
      'I4 duplicated',
    ]);
    const apart = [ben, log, applies('ben1', 'a'), breaks('ben1'), reloads('ben1', 'a:0')];
    expect(judge(pageChecker, [...apart, applies('ben1', 'a')])).toEqual(['I4 duplicated']);
  });
  it('lets a message that was lost and written again come again, after a discontinuity only', () => {
    const again = [ben, logs('ben', 'a'), applies('ben1', 'a'), loses('ben', 'a'), logs('ben', 'a')];
    expect(judge(pageChecker, [...again, breaks('ben1'), reloads('ben1'), applies('ben1', 'a')])).toEqual([]);
    expect(judge(pageChecker, [...again, applies('ben1', 'a')])).toEqual(['I4 duplicated']);
  });
  it('lets another page apply it too', () => {
    const second: Happening = { what: 'page', page: 'ben2', user: 'ben', keeps: true };
    expect(judge(pageChecker, [ben, second, log, applies('ben1', 'a'), applies('ben2', 'a')])).toEqual([]);
  });
});

describe('I5 the checker of pages', () => {
  const log = logs('ben', 'a', 'b', 'c');
  it('finds a hole', () => {
    expect(judge(pageChecker, [ben, log, applies('ben1', 'a'), applies('ben1', 'c')])).toEqual(['I5 lost']);
  });
  it('lets a hole be filled over HTTP, or be skipped in sight', () => {
    const skipped: Happening = { what: 'skipped', page: 'ben1', ref: 'b', part: 0 };
    expect(judge(pageChecker, [ben, log, reloads('ben1', 'a:0', 'b:0'), applies('ben1', 'c')])).toEqual([]);
    expect(judge(pageChecker, [ben, log, applies('ben1', 'a'), skipped, applies('ben1', 'c')])).toEqual([]);
  });
  it('lets a page that slept apply what it was sent before that was lost, wherever it was written again', () => {
    const old = logs('ben', 'a') as Happening & { what: 'appended' };
    const asleep = [ben, old, loses('ben', 'a'), logs('ben', 'b')];
    const again: Happening = { ...old, entries: old.entries.map((one) => ({ ...one, id: 'new id of a' })) };
    expect(judge(pageChecker, [...asleep, again, applies('ben1', 'a')])).toEqual([]);
    const anew: Happening = { what: 'applied', page: 'ben1', id: 'new id of a', ref: 'a', part: 0 };
    expect(judge(pageChecker, [...asleep, again, anew])).toEqual(['I5 lost']);
  });
  it('finds messages in the wrong order', () => {
    const filled = [ben, log, reloads('ben1', 'a:0', 'b:0')];
    expect(judge(pageChecker, [...filled, applies('ben1', 'c'), applies('ben1', 'b')])).toEqual([
      'I5 reordered',
    ]);
  });
  it('finds a discontinuity where nothing is missing for good', () => {
    const keeps = (count: number): Happening => ({ what: 'retention', user: 'ben', count });
    const asks = frame('up', 'sent', { type: 'RESUME', after: 'id of a' });
    const alarmed = [ben, link('ben1'), log, applies('ben1', 'a'), asks, breaks('ben1')];
    expect(judge(pageChecker, [keeps(3), ...alarmed])).toEqual(['I5 false alarm']);
    expect(judge(pageChecker, [keeps(2), ...alarmed])).toEqual(['I5 false alarm']);
    expect(judge(pageChecker, [keeps(1), ...alarmed])).toEqual([]);
    expect(judge(pageChecker, [keeps(3), ben, log, loses('ben', 'c'), breaks('ben1')])).toEqual([]);
  });
  it('finds a message that no log ever had', () => {
    expect(judge(pageChecker, [ben, log, applies('ben1', 'x')])).toEqual(['I5 duplicated']);
  });
});

describe('I6 the checker of pages', () => {
  const ack = frame('up', 'sent', { type: 'ACK', messageId: 'id of b' });
  const begun = [ben, link('ben1'), logs('ben', 'a', 'b')];
  it('finds an ACK for what the page does not have', () => {
    expect(judge(pageChecker, [...begun, applies('ben1', 'a'), ack])).toEqual(['I6 early ACK']);
    expect(judge(pageChecker, [...begun, applies('ben1', 'a'), applies('ben1', 'b'), ack])).toEqual([]);
  });
  it('finds an ACK for a position that is in no log', () => {
    const odd = frame('up', 'sent', { type: 'ACK', messageId: 'x' });
    expect(judge(pageChecker, [...begun, odd])).toEqual(['I6 early ACK']);
  });
});

describe('I7 the checker of calm', () => {
  it('finds a page that ends without a message', () => {
    expect(judge(calmChecker, [ben, logs('ben', 'a'), ends()])).toEqual(['I7 lost']);
    expect(judge(calmChecker, [ben, logs('ben', 'a'), applies('ben1', 'a'), ends()])).toEqual([]);
  });
  it('finds an outbox that is not empty at the end', () => {
    expect(judge(calmChecker, [ben, ends({}, 1)])).toEqual(['I7 stuck']);
  });
  it('finds a page that is thrown out for good', () => {
    const closed = (code: number): Happening => ({ what: 'closed', link: 1, by: 'server', code });
    expect(judge(calmChecker, [ben, link('ben1'), closed(4409)])).toEqual(['I7 stuck']);
    expect(judge(calmChecker, [ben, link('ben1'), closed(1013)])).toEqual([]);
    expect(judge(calmChecker, [link('mallory1'), closed(4400)])).toEqual([]);
  });
  it('finds a world that does not come to rest, or too late', () => {
    expect(judge(calmChecker, [ben, ends({ calmAfterMs: null })])).toEqual(['I7 stuck']);
    expect(judge(calmChecker, [ben, ends({ calmAfterMs: CALM_WITHIN_MS + 1 })])).toEqual(['I7 stuck']);
    expect(judge(calmChecker, [ben, ends({ calmAfterMs: CALM_WITHIN_MS })])).toEqual([]);
  });
});

describe('I8 the checker of calm', () => {
  const dials = (count: number, everyMs: number): Record[] =>
    Array.from({ length: count }, (_, index) => ({ atMs: index * everyMs, what: 'dial', page: 'ben1' }));
  it('finds the eleventh dial within 60 s', () => {
    expect(calmChecker.check(dials(10, 1))).toEqual([]);
    expect(calmChecker.check(dials(11, 1)).map(({ rule, kind }) => `${rule} ${kind}`)).toEqual(['I8 storm']);
    expect(calmChecker.check(dials(30, 6_000))).toEqual([]);
  });
});

describe('I8 the checker of calm, in good weather', () => {
  const dial: Happening = { what: 'dial', page: 'ben1' };
  const fault = (name: string): Happening => ({ what: 'fault', fault: name, on: 'ben' });
  it('finds a page that dials again though nothing happened to its socket', () => {
    expect(judge(calmChecker, [ben, dial, ends()])).toEqual([]);
    expect(judge(calmChecker, [ben, dial, dial, ends()])).toEqual(['I8 storm']);
    expect(judge(calmChecker, [ben, dial, fault('store sluggish'), dial, ends()])).toEqual(['I8 storm']);
    expect(judge(calmChecker, [ben, dial, fault('reset'), dial, ends()])).toEqual([]);
  });
  it('lets a person disconnect and come back', () => {
    const wish: Happening = { what: 'wish', page: 'ben1', wish: 'disconnect' };
    expect(judge(calmChecker, [ben, dial, wish, dial, ends()])).toEqual([]);
  });
});

describe('I12 the checker of the wire', () => {
  it.each([
    { type: 'RESUME', after: null },
    { type: 'SKIP', clientId: 'c', n: 1, key: 'k' },
    { type: 'PING' },
    { type: 'SAY', clientId: 'c', n: 1, key: 'k' },
  ])('finds $type of the extension on its way to a plain server', (member) => {
    expect(judge(wire, [ben, link('ben1', false), frame('up', 'sent', member)])).toEqual(['I12 leaked']);
    expect(judge(wire, [ben, link('ben1'), welcome, frame('up', 'sent', member)])).toEqual([]);
  });
  it('lets a plain server have messages and ACKs', () => {
    const plain = [ben, link('ben1', false), frame('up', 'sent', { type: 'SAY', uid: 'x' })];
    expect(judge(wire, [...plain, frame('up', 'sent', { type: 'ACK', messageId: 1 })])).toEqual([]);
  });
  it('finds a frame, and another close, after a CLOSING', () => {
    const closing = frame('down', 'sent', { type: 'CLOSING', ext: 'statesocket', code: 1013 });
    const closes = (code: number): Happening => ({ what: 'closed', link: 1, by: 'server', code });
    const beat = frame('down', 'sent', { type: 'HEARTBEAT' });
    expect(judge(wire, [ben, link('ben1'), welcome, closing, closes(1013)])).toEqual([]);
    expect(judge(wire, [ben, link('ben1'), welcome, closing, beat])).toEqual(['I12 leaked']);
    expect(judge(wire, [ben, link('ben1'), welcome, closing, closes(1012)])).toEqual(['I12 false verdict']);
  });
  it('finds a numbered command that did not wait for WELCOME', () => {
    const command = frame('up', 'sent', { type: 'SAY', clientId: 'c', n: 1, key: 'k' });
    expect(judge(wire, [ben, link('ben1'), command])).toEqual(['I12 leaked']);
  });
});

describe('I12 the checker of pages with a plain server', () => {
  it('finds a repeat that is applied again, also there (I4)', () => {
    expect(judge(plainChecker, [ben, applies('ben1', 'a'), applies('ben1', 'b')])).toEqual([]);
    expect(judge(plainChecker, [ben, applies('ben1', 'a'), applies('ben1', 'a')])).toEqual(['I4 duplicated']);
  });
  it('finds a verdict and a discontinuity, of which such a server knows nothing', () => {
    expect(judge(plainChecker, [ada, says('ada1/1'), entry('ada1/1', 'sent')])).toEqual([]);
    expect(judge(plainChecker, [ada, says('ada1/1'), entry('ada1/1', 'delivered')])).toEqual([
      'I12 false verdict',
    ]);
    expect(judge(plainChecker, [ada, breaks('ada1')])).toEqual(['I12 false alarm']);
  });
});

describe('I14 the checker of the wire', () => {
  const said = (fields: object) => frame('down', 'sent', { type: 'SAID', id: 'i', uid: 'ada1/1', ...fields });
  it('finds the key of a sender on its way to another', () => {
    const sent = [
      { ...link('ada1'), link: 2 },
      { ...frame('up', 'sent', { type: 'SAY', uid: 'ada1/1' }), link: 2 },
    ];
    const toBen = [...sent, link('ben1'), welcome];
    const toAda = [...sent, link('ada1'), welcome];
    expect(judge(wire, [...toBen, said({})])).toEqual([]);
    expect(judge(wire, [...toBen, said({ key: 'k' })])).toEqual(['I14 leaked']);
    expect(judge(wire, [...toAda, said({ key: 'k' })])).toEqual([]);
    expect(judge(wire, [...toAda, said({ n: 1 })])).toEqual(['I14 leaked']);
  });
});

describe('I15 the checker of the wire', () => {
  const begun = [ben, link('ben1'), welcome, resume, presence];
  const down = (id: string) => frame('down', 'sent', { type: 'SAID', id });
  const up = (n: number) => frame('up', 'sent', { type: 'SAY', clientId: 'c', n, key: `${n}` });
  it('finds more than a window of messages without an ACK', () => {
    const ack = frame('up', 'arrived', { type: 'ACK', messageId: 'a' });
    expect(judge(wire, [...begun, down('a'), down('b'), down('c')])).toEqual(['I15 overflow']);
    expect(judge(wire, [...begun, down('a'), down('b'), ack, down('c')])).toEqual([]);
  });
  it('finds more than a window of commands without a receipt', () => {
    const receipt = frame('down', 'arrived', { type: 'RECEIPT', clientId: 'c', n: 1, rejected: [] });
    expect(judge(wire, [...begun, up(1), up(2), up(3)])).toEqual(['I15 overflow']);
    expect(judge(wire, [...begun, up(1), up(2), receipt, up(3)])).toEqual([]);
  });
});

describe('I17 the checker of the wire', () => {
  const nudged = { type: 'NUDGED', uid: 'x' };
  it('finds a volatile message before PRESENCE', () => {
    const sent = frame('down', 'sent', nudged);
    expect(judge(wire, [ben, link('ben1'), welcome, resume, sent])).toEqual(['I17 in the way']);
    expect(judge(wire, [ben, link('ben1'), welcome, resume, presence, sent])).toEqual([]);
  });
  it('finds a volatile message that joins a long queue', () => {
    const late = frame('down', 'sent', nudged, MAX_BUFFERED_BYTES + 1);
    expect(judge(wire, [ben, link('ben1'), welcome, presence, late])).toEqual(['I17 in the way']);
  });
  it('finds a socket of the extension that is closed for reading slowly', () => {
    const closed: Happening = { what: 'closed', link: 1, by: 'server', code: 4408 };
    expect(judge(wire, [ben, link('ben1'), welcome, resume, closed])).toEqual(['I17 in the way']);
  });
});

describe('I19 the checker of the wire', () => {
  const again = frame('up', 'arrived', { type: 'SAY', clientId: 'ada1', n: 1, key: 'other' });
  const begun = [ada, link('ada1'), welcome, decides('first')];
  it('finds a receipt for a number that came with another key', () => {
    const receipt = frame('down', 'sent', { type: 'RECEIPT', clientId: 'ada1', n: 1, rejected: [] });
    const closed: Happening = { what: 'closed', link: 1, by: 'server', code: 4400 };
    expect(judge(wire, [...begun, receipt])).toEqual([]);
    expect(judge(wire, [...begun, receipt, again, receipt])).toEqual(['I19 accepted in silence']);
    expect(judge(wire, [...begun, receipt, again, closed])).toEqual([]);
  });
  it('finds a number that is decided with two keys', () => {
    expect(judge(wire, [...begun, decides('second')])).toEqual(['I19 accepted in silence']);
  });
});
