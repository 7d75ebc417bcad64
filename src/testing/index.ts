/**
 * Tools to test reconnection with: a fake server, a virtual clock, a vocabulary for what happens, and event paths that
 * take every transition of the chart. Works in any test runner, and in none.
 * @module statesocket/testing
 */
export { type ChartCoverage, createChartCoverage } from './chart-coverage.ts';
export { type ConnectionPath, connectionPaths, type PathDriver } from './connection-paths.ts';
export type { LoggedMessage } from './fake-log.ts';
export { createFakeServer, type FakeServer } from './fake-server.ts';
export { type FakeLink, FakeSocket } from './fake-socket.ts';
export type { PathEvent, PathOptions } from './path-events.ts';
export { type ReplayDifference, type ReplayOptions, replay } from './replay.ts';
export { createScenario, type Scenario, type ScenarioOptions, type ScenarioWiring } from './scenario.ts';
export { createFakeNetwork, createFakePage, type FakeNetwork, type FakePage } from './surroundings.ts';
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
export type { PathStep } from './walk-path.ts';
