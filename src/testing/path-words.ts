import type { StateValue } from 'xstate';
import type { SocketClose } from '../../machines/index.ts';
import type { PathEvent } from './path-events.ts';

const codeOf = ({ code, wasClean }: Pick<SocketClose, 'code' | 'wasClean'>): string =>
  wasClean ? `the server closes with ${code}` : 'the socket is cut';

const BROKEN = {
  unanswered: 'the server leaves what it was asked unanswered',
  'late-welcome': 'the server says late that it speaks the extension',
  version: 'the server speaks another version',
} as const;

/** An event in words, for titles and error messages. */
export const describeEvent = (event: PathEvent): string => {
  switch (event.type) {
    case 'user.connect':
      return `${event.userId} connects`;
    case 'user.disconnect':
      return 'the user disconnects';
    case 'user.logout':
      return 'the user logs out';
    case 'user.dispose':
      return 'the connection is disposed of';
    case 'user.retry':
      return 'the user retries';
    case 'dial.held':
      return 'the browser may hold the dial back';
    case 'socket.opened':
      return 'the socket opens';
    case 'socket.closed':
      return codeOf(event);
    case 'socket.impossible':
      return 'no socket can be made';
    case 'attempt.failed':
      return `the ${event.cause} fails`;
    case 'token.missing':
      return 'there is no token';
    case 'heartbeat.armed':
      return event.canAsk ? 'silence counts, and the server can be asked' : 'silence counts';
    case 'frame.silent':
      return 'the server is silent';
    case 'frame.heard':
      return 'the server replies';
    case 'probe.unanswered':
      return 'the server does not reply';
    case 'socket.stuck':
      return 'a close begins and does not end';
    case 'link.broken':
      return BROKEN[event.why];
    case 'network.lost':
      return 'the network goes';
    case 'network.restored':
      return 'the network is back';
    case 'page.shown':
      return 'the page is shown';
    case 'page.suspended':
      return 'the page is suspended';
    case 'page.resumed':
      return 'the page resumes';
    case 'budget.refunded':
      return 'a connect is refunded';
    case 'time.passes':
      return `${event.ms / 1_000} s pass`;
  }
};

/** One string for a state value: `socket.open.stability.stable + socket.open.liveness.alive`. */
export const describeState = (value: StateValue): string => {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .flatMap(([name, below]) =>
      below === undefined
        ? []
        : describeState(below)
            .split(' + ')
            .map((leaf) => `${name}.${leaf}`),
    )
    .join(' + ');
};

/** The events of a path in words, and where it ends. Users that connect one after the other are counted. */
export const describePath = (
  steps: readonly { readonly event: PathEvent; readonly status: string }[],
): string => {
  const said: string[] = [];
  let connects = 0;
  for (const { event } of steps) {
    connects = event.type === 'user.connect' ? connects + 1 : 0;
    if (connects > 2) said.splice(connects === 3 ? -2 : -1, 2, `${connects} users connect`);
    else said.push(describeEvent(event));
  }
  return `${said.join(', ')}: ${steps.at(-1)?.status}`;
};
