import { connectionMachine } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { expect, it } from 'vitest';
import { createActor } from 'xstate';

it('names the transitions and states that runs took, and those that they missed', () => {
  const coverage = createChartCoverage(connectionMachine);
  const run = (userId: string) => {
    const actor = createActor(connectionMachine, { inspect: coverage.observe }).start();
    actor.send({ type: 'user.connect', userId });
    return actor;
  };
  run('ada').stop();
  expect(coverage.taken()).toEqual([
    'any state: user.connect → dialling',
    'dialling: always [hasConnectBudget] → socket',
  ]);
  expect(coverage.missing()).toContain('closed: always [saysReject] → failed.rejected');
  expect(coverage.missing()).toContain('socket.connecting: after connectDeadline → lost');
  expect(coverage.missing()).toHaveLength(coverage.all().length - 2);
  expect(coverage.missingStates()).toContain('loggedOut');
  expect(coverage.missingStates()).not.toContain('dialling');

  const actor = run('ben');
  actor.send({ type: 'user.logout' });
  expect(coverage.missing()).not.toContain('any state: user.logout → loggedOut');
  expect(coverage.missingStates()).not.toContain('loggedOut');
  actor.stop();
});

it('gives each transition a name of its own', () => {
  const names = createChartCoverage(connectionMachine).all();
  expect(new Set(names).size).toBe(names.length);
});
