import { connectionMachine } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { deliveryMachine } from '../../machines/delivery.machine.ts';
import { outboxMachine } from '../../machines/outbox.machine.ts';
import { nameOfTransition, pathOfState } from '../../machines/transition-name.ts';

const statesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(statesOf),
];

const A_SENTENCE = /^\S.{10,}[.?]$/;
const CHARTS = [connectionMachine, deliveryMachine, outboxMachine] as const;

describe.each(CHARTS.map((machine) => [machine.id, machine] as const))('the chart %s', (_, machine) => {
  const states = statesOf(machine.root as AnyStateNode);

  it('says of each state what it is, in a sentence', () => {
    for (const { description, path } of states)
      expect(description, path.join('.') || 'the chart').toMatch(A_SENTENCE);
  });

  it('says of each transition that has a word on it what it is for, in a sentence', () => {
    const described = states
      .flatMap((state) => [...state.transitions.values()].flat().concat(state.always ?? []))
      .filter(({ description }) => description !== undefined);
    for (const transition of described)
      expect(transition.description, pathOfState(transition.source)).toMatch(A_SENTENCE);
  });
});

describe('the name of a transition', () => {
  const namesOf = (path: string): readonly string[] => {
    const state = statesOf(connectionMachine.root as AnyStateNode).find((node) => pathOfState(node) === path);
    return [...(state?.transitions.values() ?? [])].flat().map((each) => nameOfTransition(each as never));
  };

  it('has where it begins, what it waits for, its guard and where it leads', () => {
    expect(namesOf('backoff.waiting')).toContain('backoff.waiting: after retryDelay → dialling');
    expect(namesOf('backoff.throttled')).toContain('backoff.throttled: budget.refunded → dialling');
    expect(namesOf('socket.open.liveness.watched')).toContain(
      'socket.open.liveness.watched: page.shown [canAsk] → socket.open.liveness.watched.probing',
    );
  });

  it('says where it leads nowhere', () => {
    expect(namesOf('any state').filter((name) => name.endsWith('→ stays'))).not.toEqual([]);
  });
});
