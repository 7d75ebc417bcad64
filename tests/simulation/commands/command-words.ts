import type { Command, Frame, Settings, Wish } from './command.ts';

const describeWish = (to: Wish): string => {
  switch (to.wish) {
    case 'connect':
      return `connect ${to.userId}`;
    default:
      return to.wish;
  }
};

const describeFrame = (frame: Frame): string => {
  if (!('members' in frame)) return frame.of;
  const members = frame.members.map(({ is, id }) => (id === undefined ? is : `${is} ${JSON.stringify(id)}`));
  return frame.of === 'one' ? `${members}` : `${frame.of} of [${members.join(', ')}]`;
};

const seconds = (ms: number): string => `${ms / 1_000} s`;

/** A command as a person would tell it. */
export const describeCommand = (command: Command): string => {
  switch (command.does) {
    case 'wish':
      return describeWish(command);
    case 'arm': {
      const does = typeof command.to === 'string' ? `${command.to}s` : `calls ${describeWish(command.to)}`;
      return `(the next call of ${command.at} ${does})`;
    }
    case 'answer':
      return `(${command.who} answers: ${command.how})`;
    case 'fulfil':
      return `the oldest promise of a listener ${command.how === 'value' ? 'resolves' : 'rejects'}`;
    case 'settle':
      return `the ${command.nth === 0 ? 'newest' : `newest but ${command.nth}`} held answer: ${command.how}`;
    case 'line':
      return `(the platform's fault: ${command.fault})`;
    case 'recover':
      return 'connect ada, all answers are there, the socket opens';
    case 'open':
      return 'the socket opens';
    case 'half-close':
      return 'the socket begins to close';
    case 'err':
      return 'the socket errs';
    case 'close': {
      const quote = command.quotesToken ? ', quoting the token' : '';
      return `the server closes with ${command.code}${command.wasClean ? '' : ', not clean'}${quote}`;
    }
    case 'frame':
      return `a frame comes: ${describeFrame(command.frame)}`;
    case 'late':
      return `late, of ${command.nth === 0 ? 'the newest' : `the newest but ${command.nth}`} socket that is over: ${command.what}`;
    case 'signal':
      return `the page: ${command.signal}`;
    case 'pass':
      return `${seconds(command.ms)} pass`;
    case 'pass on':
      return 'time passes until the next timer';
    case 'sleep':
      return `the machine sleeps ${seconds(command.ms)}, and first comes ${command.first}`;
    case 'send':
      return `send ${command.what}`;
    case 'listen':
      return 'listen to B';
    case 'unlisten':
      return 'stop listening to B';
  }
};

export const describeSettings = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
