import { readRecording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { recordedCharts } from '../../src/recording/recorded-charts.ts';

/** An app connects, is refused once, opens, and is closed. */
const anEvening = () => {
  const { connection, server, clock } = createScenario({
    backoff: () => 1_000,
    delivery: durableDelivery({ server: 'statesocket' }),
  });
  connection.connect({ userId: 'ada' });
  server.refuses();
  clock.passes(1_000);
  server.accepts();
  clock.passes(500);
  server.closes(1006);
  const recording = connection.recording();
  if (recording === null) throw new Error('nothing is recorded');
  return recording;
};

describe('the charts of a recording, led along its steps as the inspector shows them', () => {
  it('say which transitions each step took', () => {
    const recording = anEvening();
    const charts = recordedCharts(recording);
    const led = readRecording(recording).map((step, index) => charts.take(step, index).transitions);
    expect(led[0]).toEqual([
      'any state: user.connect → dialling',
      'dialling: always [hasConnectBudget] → socket',
    ]);
    expect(led.every((transitions) => transitions.length > 0)).toBe(true);
  });

  it('have the delays that run after each step: those that a transition has ended are gone', () => {
    const recording = anEvening();
    const charts = recordedCharts(recording);
    const running = readRecording(recording).map((step, index) => {
      if (step.event.type.startsWith('xstate.after')) charts.takeDue(step.event.chart, step.event.type);
      charts.take(step, index);
      const delays = [...charts.delaysOf('connection'), ...charts.delaysOf('delivery')];
      const words = delays.map(({ type, dueAtMs }) => `${type.replace(/.*after\.(\w+).*/, '$1')} ${dueAtMs}`);
      return words.filter((word) => !word.startsWith('budget'));
    });
    expect(running).toEqual([
      ['connectDeadline 10000'],
      ['retryDelay 1000'],
      ['connectDeadline 11000'],
      ['stableDelay 6000'],
      ['stableDelay 6000', 'negotiationLimit 11000'],
      ['retryDelay 2500', 'negotiationLimit 11000'],
      ['retryDelay 2500'],
    ]);
  });
});
