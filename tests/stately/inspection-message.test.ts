import { describe, expect, it } from 'vitest';
import { createBacklog } from '../../src/stately/backlog.ts';
import { createInspectionRedactor } from '../../src/stately/inspection-message.ts';

const raw = { sessionId: 'x:1', createdAt: '0', _version: '5' };
const redacted = createInspectionRedactor('x:0');

describe('what an inspector gets', () => {
  it('of an actor beside the charts is its name and whether it runs', () => {
    const snapshot = { status: 'active', output: 'a secret', context: { token: 'a secret' } };
    expect(
      redacted({ ...raw, type: '@xstate.actor', name: 'signals', parentId: 'x:0', snapshot }),
    ).toMatchObject({
      ...{ name: 'signals', parentId: 'x:0', rootId: 'x:0', definition: '{"id":"signals"}' },
      snapshot: { status: 'active' },
    });
  });

  it('of an actor whose name no chart has is no name', () => {
    const told = redacted({ ...raw, type: '@xstate.actor', name: 'ada', snapshot: { status: 'active' } });
    expect(told).toMatchObject({ name: '[redacted]', definition: '{"id":"[redacted]"}' });
    expect(told).not.toHaveProperty('parentId');
  });

  it('of an event is who sent it, where somebody did', () => {
    const event = { type: 'network.lost' };
    expect(redacted({ ...raw, type: '@xstate.event', event, sourceId: 'x:2' })).toMatchObject({
      event,
      sourceId: 'x:2',
    });
    expect(redacted({ ...raw, type: '@xstate.event', event })).not.toHaveProperty('sourceId');
  });
});

describe('what waits for an inspector', () => {
  it('is kept up to its limit, and not at all beyond it', () => {
    const [full, fuller] = [createBacklog<number>(2), createBacklog<number>(2)];
    for (const item of [1, 2]) full.add(item);
    for (const item of [1, 2, 3]) fuller.add(item);
    expect(full.end()).toEqual([1, 2]);
    expect(fuller.end()).toBeNull();
    full.add(3);
    expect(full.end()).toBeNull();
  });
});
