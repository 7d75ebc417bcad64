import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/gateway/session/backlog.ts';

const backlogOf = (...frames: string[]) => {
  const backlog = new Backlog(0);
  for (const frame of frames) backlog.push(frame);
  return backlog;
};
const text = (letter: string) => letter.repeat(100);

describe('what waits for a socket that reads slowly', () => {
  it('is taken in order, up to so many frames', () => {
    const backlog = backlogOf('a', 'b', 'c');
    expect(backlog.take(2, 1_000)).toEqual(['a', 'b']);
    expect(backlog.take(2, 1_000)).toEqual(['c']);
    expect(backlog.take(2, 1_000)).toEqual([]);
    expect(backlog.isEmpty).toBe(true);
  });

  it('is taken up to so many bytes, to the last one', () => {
    expect(backlogOf(text('a'), text('b'), text('c')).take(10, 200)).toEqual([text('a'), text('b')]);
    expect(backlogOf(text('a'), text('b'), text('c')).take(10, 199)).toEqual([text('a')]);
  });

  it('is taken one by one where each is larger than that, since it has to go some time', () => {
    const backlog = backlogOf(text('a'), text('b'));
    expect([backlog.take(10, 50), backlog.take(10, 50)]).toEqual([[text('a')], [text('b')]]);
  });

  it('is weighed while it waits, with what a frame takes beside its bytes, and weighs nothing when all is taken', () => {
    const backlog = backlogOf(text('a'), 'é');
    expect(backlog.bytes).toBe(100 + 64 + 2 + 64);
    backlog.take(1, 1_000);
    expect(backlog.bytes).toBe(2 + 64);
    backlog.take(1, 1_000);
    expect(backlog.bytes).toBe(0);
  });

  it('has the newest receipt of each client, once', () => {
    const backlog = new Backlog(0);
    backlog.keepReceipt('page', 'lastN 1');
    backlog.keepReceipt('other page', 'lastN 7');
    backlog.keepReceipt('page', 'lastN 2');
    expect(backlog.takeReceipts()).toEqual(['lastN 2', 'lastN 7']);
    expect(backlog.takeReceipts()).toEqual([]);
  });

  it('tells each who waits for room, once', async () => {
    const backlog = new Backlog(0);
    const rooms = [backlog.room(), backlog.room()];
    backlog.tellAll();
    await Promise.all(rooms);
    const told = await Promise.race([backlog.room().then(() => 'told'), Promise.resolve('waits')]);
    expect(told).toBe('waits');
  });
});
