import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameMeter } from '../../src/gateway/wire/frame-meter.ts';
import { clientFrame } from '../attack/support/client-frame.ts';

const TEXT = 1;
const PING = 9;
const PONG = 10;
const CONTINUATION = 0;

const told = (...chunks: Uint8Array[]) => {
  const meter = new FrameMeter();
  const begunCount = chunks.reduce((count, chunk) => count + meter.take(chunk), 0);
  const { unfinishedBytes, unfinishedChunkCount, fragmentCount } = meter;
  return { begunCount, unfinishedBytes, unfinishedChunkCount, fragmentCount };
};
const NOTHING = { unfinishedBytes: 0, unfinishedChunkCount: 0, fragmentCount: 0 };

describe('the frame meter', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('sees where a frame of %i bytes ends', (bytes) => {
    const frame = clientFrame(TEXT, Buffer.alloc(bytes));
    expect(told(frame)).toEqual({ begunCount: 1, ...NOTHING });
    expect(told(frame.subarray(0, -1))).toEqual({
      begunCount: 1,
      unfinishedBytes: frame.length - 1,
      unfinishedChunkCount: 1,
      fragmentCount: 1,
    });
    expect(told(frame, frame.subarray(0, 1)).unfinishedBytes).toBe(1);
  });

  it('counts a message in fragments until its last one, with the pongs between them', () => {
    const first = clientFrame(TEXT, Buffer.alloc(10), { isLast: false });
    const pong = clientFrame(PONG, Buffer.alloc(125));
    const next = clientFrame(CONTINUATION, Buffer.alloc(0), { isLast: false });
    const last = clientFrame(CONTINUATION, Buffer.alloc(300));
    expect(told(first, pong, pong, next)).toEqual({
      begunCount: 4,
      unfinishedBytes: first.length + 2 * pong.length + next.length,
      unfinishedChunkCount: 4,
      fragmentCount: 2,
    });
    expect(told(first, pong, next, last)).toEqual({ begunCount: 4, ...NOTHING });
    expect(told(Buffer.concat([first, last, pong, first]))).toEqual({
      begunCount: 4,
      unfinishedBytes: first.length,
      unfinishedChunkCount: 1,
      fragmentCount: 1,
    });
  });

  it('takes control frames outside of a message for complete', () => {
    const ping = clientFrame(PING, Buffer.from('are you there'));
    expect(told(ping, ping, ping)).toEqual({ begunCount: 3, ...NOTHING });
    expect(told(ping.subarray(0, 3))).toMatchObject({ unfinishedBytes: 3, fragmentCount: 0 });
  });

  it('says the same however TCP cuts the frames', () => {
    const frame = fc
      .tuple(
        fc.constantFrom(TEXT, 2, CONTINUATION, PING, PONG),
        fc.integer({ min: 0, max: 400 }),
        fc.boolean(),
      )
      .map(([opcode, bytes, isLast]) => clientFrame(opcode, Buffer.alloc(bytes), { isLast }));
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        fc.nat(20),
        (frames, sizes, cutOff) => {
          const all = Buffer.concat(frames);
          const bytes = all.subarray(0, all.length - Math.min(cutOff, all.length - 1));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[chunks.length % sizes.length] ?? 1;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          const { unfinishedChunkCount: _one, ...whole } = told(bytes);
          const { unfinishedChunkCount: _other, ...inParts } = told(...chunks);
          expect(inParts).toEqual(whole);
        },
      ),
    );
  });
});
