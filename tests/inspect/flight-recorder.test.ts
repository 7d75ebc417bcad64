import { createConnection, flightRecorder, type Recording, readRecording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFlightRecorder, type FlightRecorderOptions } from 'statesocket/inspect';
import { createFakeServer, createScenario, replay, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const set = (
  options: ScenarioOptions<{ type: string }> = {},
  recorderOptions: FlightRecorderOptions = {},
) => {
  const scenario = createScenario({ backoff: () => 1_000, delivery: durableDelivery(), ...options });
  const { connection, server, clock } = scenario;
  const record = () => {
    const recorder = createFlightRecorder(connection, recorderOptions);
    const recording = (): Recording => JSON.parse(JSON.stringify(recorder.recording()));
    return { ...recorder, recording };
  };
  const isLostOnce = (): void => {
    connection.connect({ userId: 'ada' });
    connection.retry(); // where it waits for its next attempt
    server.accepts();
    clock.passes(10_000);
    server.closes(1006);
  };
  return { ...scenario, record, isLostOnce };
};

const typesIn = (recording: Recording): string[] =>
  readRecording(recording)
    .filter(({ event }) => event.chart === 'connection')
    .map(({ event }) => event.type.replace(/(after\.\w+).*/, '$1'));

describe('a flight recorder', () => {
  it('begins when it is made, where the charts were then', () => {
    const { record, isLostOnce, clock, server, connection } = set();
    isLostOnce();
    const before = connection.recording();
    const { recording } = record();
    expect(recording().steps).toEqual([]);
    clock.passes(1_000);
    server.accepts();
    expect(typesIn(recording())).toEqual(['xstate.after.retryDelay', 'socket.opened']);
    const { droppedCount, start, atMs } = recording();
    expect(droppedCount).toBe(before?.steps.length);
    expect(start.connection).toEqual({ backoff: 'waiting' });
    expect(start.facts).toMatchObject({ hasUser: true, end: { cause: 'closed', code: 1006 } });
    expect(atMs).toBe(11_000);
  });

  it('begins again at restart, and two of them at different moments do not mind each other', () => {
    const { record, isLostOnce, connection } = set();
    const first = record();
    const second = record();
    isLostOnce();
    second.restart();
    expect(second.recording().steps).toEqual([]);
    connection.disconnect();
    expect(typesIn(second.recording())).toEqual(['user.disconnect']);
    expect(first.recording()).toEqual(connection.recording());
  });

  it('makes recordings that replay', () => {
    const { record, isLostOnce, connection, clock, server } = set();
    isLostOnce();
    const { recording } = record();
    clock.passes(1_000);
    server.accepts();
    clock.passes(6_000);
    server.closes(4401);
    server.accepts();
    connection.logout();
    expect(recording().steps.length).toBeGreaterThan(6);
    expect(replay(recording())).toBeNull();
  });

  it('gives the last steps, maxTransitions at most, and none of before the moment to fill them up', () => {
    const { record, isLostOnce, connection, clock } = set({}, { maxTransitions: 2 });
    isLostOnce();
    const { recording } = record();
    connection.disconnect();
    expect(typesIn(recording())).toEqual(['user.disconnect']);
    isLostOnce();
    clock.passes(1_000);
    expect(recording().steps).toHaveLength(2);
    expect(recording()).toEqual(connection.recording({ maxTransitions: 2 }));
  });

  it('says what the connection itself had to drop', () => {
    const { record, isLostOnce, connection } = set({ recorder: flightRecorder({ maxTransitions: 3 }) });
    isLostOnce();
    const { recording } = record();
    for (let times = 0; times < 5; times += 1) isLostOnce();
    expect(recording().steps).toHaveLength(3);
    expect(recording()).toEqual(connection.recording());
  });

  it('works after dispose', () => {
    const { record, isLostOnce, connection } = set();
    const { recording } = record();
    isLostOnce();
    connection.dispose();
    expect(typesIn(recording())).toContain('socket.closed');
  });

  it('needs a connection that records, and says how to make one', () => {
    const { WebSocket } = createFakeServer();
    const connection = createConnection({ url: 'wss://a.test', WebSocket });
    expect(() => createFlightRecorder(connection)).toThrowError(
      expect.objectContaining({
        code: 'bad-option',
        message: expect.stringContaining('make it with recorder: flightRecorder()'),
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, 10_001, '7'])('refuses %s as a number of steps', (maxTransitions) => {
    const { connection } = set();
    expect(() => createFlightRecorder(connection, { maxTransitions } as FlightRecorderOptions)).toThrowError(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});
