import { connectionMachine } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { createActor, fromCallback, SimulatedClock } from 'xstate';

/** An open chart whose server is watched, and what its socket was asked for. */
const watchedChart = ({ canAsk = true } = {}) => {
  const requests: unknown[] = [];
  const socket = fromCallback(({ receive }) => receive((request) => void requests.push(request)));
  const actor = createActor(connectionMachine.provide({ actors: { socket: socket as never } }), {
    input: { probeTimeoutMs: 5_000, random: () => 0 },
    clock: new SimulatedClock(),
  }).start();
  actor.send({ type: 'user.connect', userId: 'ada' });
  actor.send({ type: 'socket.opened' });
  actor.send({ type: 'heartbeat.armed', canAsk });
  return { actor, requests };
};

describe('a chart whose server is watched', () => {
  it('has it asked when it is silent, in the time of the settings', () => {
    const { actor, requests } = watchedChart();
    actor.send({ type: 'frame.silent' });
    expect(requests).toEqual([{ type: 'probe', withinMs: 5_000 }]);
  });

  it.each(['page.shown', 'page.resumed', 'network.restored', 'network.lost'] as const)(
    'has it asked sooner on %s',
    (type) => {
      const { actor, requests } = watchedChart();
      actor.send({ type });
      expect(requests).toEqual([{ type: 'probe', withinMs: expect.any(Number) }]);
      const [{ withinMs }] = requests as [{ withinMs: number }];
      expect(withinMs).toBeLessThan(5_000);
    },
  );

  it('has it asked nothing where it cannot be asked', () => {
    const { actor, requests } = watchedChart({ canAsk: false });
    actor.send({ type: 'page.shown' });
    actor.send({ type: 'network.restored' });
    expect(requests).toEqual([]);
  });

  it('knows by the signals that it is asked on whether there is a network', () => {
    const { actor } = watchedChart();
    actor.send({ type: 'network.lost' });
    expect(actor.getSnapshot().context.online).toBe(false);
    actor.send({ type: 'network.restored' });
    expect(actor.getSnapshot().context.online).toBe(true);
  });
});
