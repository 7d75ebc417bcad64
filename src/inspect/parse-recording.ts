import { CONNECTION_FACTS, initialContext } from '../../machines/connection.context.ts';
import { DEFAULT_SETTINGS, NUMBER_SETTINGS } from '../../machines/connection.settings.ts';
import { TRAFFIC, type Traffic } from '../actors/traffic.ts';
import { upToDate } from '../recording/older-recordings.ts';
import {
  isQueueName,
  RECORDED_CHARTS,
  RECORDING_VERSION,
  type RecordedCounters,
  type RecordedEvent,
  type RecordedFacts,
  type RecordedSettings,
  type Recording,
} from '../recording/recording.ts';
import { momentsOf } from './moments.ts';
import { isCause } from './step-words.ts';

/** A recording that was opened, or why it was not. */
export type ParsedRecording = { readonly recording: Recording } | { readonly fault: string };

/** A recording has 10,000 steps at most, of some 30 characters each. */
const MAX_STEPS = 10_000;
const MAX_CHARACTERS = 2_000_000;

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Has all of these members; or, of a part, those that it has are right. */
const has =
  (members: Readonly<Record<string, Check>>, isPart = false): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(members).every(
      ([name, check]) => (isPart && value[name] === undefined) || check(value[name]),
    );

const isState: Check = (value) => isText(value) || (isObject(value) && Object.values(value).every(isState));

const CHECKS: Readonly<Record<string, Check>> = { number: isNumber, string: isText, boolean: isFlag };
const isNothing: Check = () => false;

/** The checks of values that are of the kind that an example has by the same name. */
const checksBy = <Example extends object, Name extends keyof Example & string>(
  example: Example,
  names: readonly Name[],
): Record<Name, Check> =>
  Object.fromEntries(
    names.map((name): [string, Check] => [name, CHECKS[typeof example[name]] ?? isNothing]),
  ) as Record<Name, Check>;

const END = { cause: isCause, code: orNull(isNumber), wasClean: orNull(isFlag) };
const FACTS = {
  ...checksBy(initialContext(undefined), CONNECTION_FACTS),
  hasUser: isFlag,
  end: orNull(has(END)),
  supportsDelivery: isFlag,
} satisfies Record<keyof RecordedFacts, Check>;
const SAID = { then: isText, minDelayMs: isNumber };
const FAILURE = { why: isText, httpStatus: orNull(isNumber) };
const EVENT = {
  isSameUser: isFlag,
  code: isNumber,
  wasClean: isFlag,
  minDelayMs: isNumber,
  said: has(SAID),
  failure: has(FAILURE),
  cause: isText,
  upToMs: isNumber,
  canAsk: isFlag,
  why: isText,
  queue: isNumber,
  areVerdictsKept: isFlag,
} satisfies Record<Exclude<keyof RecordedEvent, 'chart' | 'type'>, Check>;
const isChart: Check = (value) => RECORDED_CHARTS.some((chart) => chart === value) || isQueueName(value);
const hasQueues: Check = (value) =>
  isObject(value) && Object.entries(value).every(([name, state]) => !isQueueName(name) || isState(state));
const isStep: Check = (value) =>
  Array.isArray(value) &&
  value.slice(0, 4).every(isNumber) &&
  listOf(isNumber)(value[4]) &&
  (value[5] === undefined || isNumber(value[5]));
const SETTINGS = {
  ...checksBy(DEFAULT_SETTINGS, NUMBER_SETTINGS),
  maxRetries: orNull(isNumber),
  spreadMs: isNumber,
} satisfies Record<keyof RecordedSettings, Check>;

const COUNTERS = {
  ...(Object.fromEntries(TRAFFIC.map((name) => [name, isNumber])) as Record<keyof Traffic, Check>),
  outboxCount: isNumber,
  appliedCount: isNumber,
} satisfies Record<keyof RecordedCounters, Check>;

const isRecording = has({
  version: isNumber,
  settings: has(SETTINGS),
  atMs: isNumber,
  counters: has(COUNTERS),
  droppedCount: isNumber,
  start: (start) =>
    has({ connection: isState, delivery: isState, facts: has(FACTS) })(start) && hasQueues(start),
  events: listOf((event) => has({ chart: isChart, type: isText })(event) && has(EVENT, true)(event)),
  states: listOf(isState),
  changes: listOf(has(FACTS, true)),
  steps: listOf(isStep),
});

const faultOf = (cause: unknown): string =>
  cause instanceof RangeError ? cause.message : 'It has another form.';

const refused = (why: string): ParsedRecording => ({
  fault: `This is no recording of statesocket that can be read here. ${why}`,
});

/** A text that was pasted or opened, as a recording. It may be anything. */
export const parseRecording = (text: string): ParsedRecording => {
  if (text.length > MAX_CHARACTERS) return refused('It is too long.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('It is not JSON.');
  }
  try {
    const recording = upToDate(value as Recording);
    const isOfAnotherVersion =
      isObject(recording) && isNumber(recording.version) && recording.version !== RECORDING_VERSION;
    if (!isOfAnotherVersion && !isRecording(recording)) return refused('It has another form.');
    if (!isOfAnotherVersion && recording.steps.length > MAX_STEPS) return refused('It has too many steps.');
    momentsOf(recording);
    return { recording };
  } catch (cause) {
    // Whatever is wrong with it, the charts could not be led along it.
    return refused(faultOf(cause));
  }
};
