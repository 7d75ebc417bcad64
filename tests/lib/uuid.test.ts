import { describe, expect, it } from 'vitest';
import { randomUuid } from '../../src/lib/uuid.ts';

describe('a random uuid', () => {
  it('is one of version 4, and never the same', () => {
    const uuids = new Set(Array.from({ length: 1_000 }, randomUuid));
    expect(uuids.size).toBe(1_000);
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
