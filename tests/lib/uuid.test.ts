import { describe, expect, it, vi } from 'vitest';
import { randomUuid } from '../../src/lib/uuid.ts';

describe('a random uuid', () => {
  it('is one of version 4, and never the same', () => {
    const uuids = new Set(Array.from({ length: 1_000 }, randomUuid));
    expect(uuids.size).toBe(1_000);
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('has its version and its variant where RFC 9562 has them, and chance in all other bits', () => {
    const bytesOf = (byte: number) => ({ getRandomValues: (bytes: Uint8Array) => bytes.fill(byte) });
    vi.stubGlobal('crypto', bytesOf(0xff));
    expect(randomUuid()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    vi.stubGlobal('crypto', bytesOf(0));
    expect(randomUuid()).toBe('00000000-0000-4000-8000-000000000000');
    vi.unstubAllGlobals();
  });
});
