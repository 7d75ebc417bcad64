import type { ActorMutant } from './mutant.ts';

const SOCKET = 'src/actors/socket.ts';
const OPEN_SOCKET = 'src/actors/open-socket.ts';
const LIVENESS = 'src/actors/liveness.ts';
const CLOSING = 'src/actors/closing-watch.ts';
const HABIT = 'src/actors/heartbeat-habit.ts';
const PINGS = 'src/actors/ping-record.ts';

/** Changes to what holds at the platform's edge. */
export const edgeMutants: readonly ActorMutant[] = [
  {
    name: 'a socket looked at once',
    file: CLOSING,
    from: 'watch();\n      look();',
    to: '',
    fault:
      'A socket whose close does not end shows open for half a minute, or for ever, and carries nothing.',
    rule: 'I11',
    story: 'a close that does not end is noticed',
  },
  {
    name: 'a refused frame is no reason to look',
    file: OPEN_SOCKET,
    from: 'closing.look();\n      return false;',
    to: 'return false;',
    fault: 'Messages are refused for seconds more, by a connection that says that it is open.',
    rule: 'I11',
    story: 'a frame that cannot be sent is a reason to look',
  },
  {
    name: 'a late look trusted',
    file: CLOSING,
    from: 'close.expect(CLOSE_MS, giveUp);',
    to: 'close.start(CLOSE_MS, giveUp);',
    fault:
      'A machine that wakes up drops a close code that is about to be told, and dials with a refused token.',
    rule: 'liveness',
    story: 'a close that is told right after sleep keeps its code',
  },
  {
    name: 'looks at a socket that is gone',
    file: OPEN_SOCKET,
    from: 'server.stop();\n      closing.stop();',
    to: 'server.stop();',
    fault: 'A timer runs for ever for each socket that was open.',
    rule: 'I10',
    story: 'disconnect leaves a refund and nothing else',
  },
  {
    name: 'given up and never terminated',
    file: 'src/actors/abandoned-socket.ts',
    from: 'timer = setTimeout(() => terminate(socket), GRACE_MS);',
    to: 'timer = setTimeout(() => {}, GRACE_MS);',
    fault:
      'A peer that does not reply to the close holds a TCP connection, and a Node process, for half a minute.',
    rule: 'I10',
    story: 'a socket that is given up and stays is terminated',
  },
  {
    name: 'a clock that stands still trusted',
    file: 'src/lib/timer.ts',
    from: 'lagMs -= lateMs;',
    to: '',
    fault: 'Where a clock stands still, as under some fake timers, a dead server is never found.',
    rule: 'I11',
    story: 'a clock that stands still keeps no dead socket',
  },
  {
    name: 'a frame forgotten where the clock stands still',
    file: LIVENESS,
    from: "if (lateMs < -LATE_MS && came === 'something') heardAt = timer.now();",
    to: '',
    fault: 'Where a clock stands still, a healthy server is dropped again and again.',
    rule: 'liveness',
    story: 'a clock that stands still drops no server that speaks',
  },
  {
    name: 'each fault of a clock told',
    file: 'src/lib/once.ts',
    from: 'left = null;',
    to: '',
    fault: 'A broken clock fills the log: a line for each timer and each frame.',
    rule: 'errors',
    story: 'a broken clock is told once',
  },
  {
    name: 'a slow heartbeat not learnt',
    file: HABIT,
    from: 'intervalMs = Math.min(MAX_LEARNT_HEARTBEAT_MS, Math.max(leastMs, gapMs * (1 + JITTER)));',
    to: '',
    fault: 'A healthy server that beats each 30 s looks dead in a loop.',
    rule: 'liveness',
    story: 'a slow heartbeat is learnt',
  },
  {
    name: 'nothing learnt from sockets that were given up',
    file: HABIT,
    from: 'Math.min(MAX_LEARNT_HEARTBEAT_MS, intervalMs * 2)',
    to: 'intervalMs',
    fault: 'A server whose first beats tell nothing of their interval is dropped for ever.',
    rule: 'liveness',
    story: 'a server that beats in pairs is not dropped for ever',
  },
  {
    name: 'a ping that nobody replies to not told',
    file: PINGS,
    from: 'if (deaf === SOCKETS_TO_REPORT) report',
    to: 'if (false) report',
    fault: 'A heartbeat.ping that the server ignores is an endless redial without a word.',
    rule: 'errors',
    story: 'a ping that nobody replies to is told',
  },
  {
    name: 'a reply that makes up for nothing',
    file: PINGS,
    from: "deaf = 'replied';\n    },",
    to: '},',
    fault: 'Two dead links, a day apart, are blamed on the ping.',
    rule: 'errors',
    story: 'a server that has replied is not deaf',
  },
  {
    name: 'a ping later than its interval',
    file: 'src/actors/server-watch.ts',
    from: "keptBy === 'ping' ? intervalMs : intervalMs + SLACK_MS",
    to: 'keptBy === undefined ? intervalMs : intervalMs + SLACK_MS',
    fault: 'A ping that was set to 4 s against a proxy of 5 s leaves as the proxy cuts.',
    rule: 'liveness',
    story: 'a ping leaves within its interval',
  },
  {
    name: 'an idle timeout told each time',
    file: 'src/actors/idle-cuts.ts',
    from: 'once(report)',
    to: 'report',
    fault: 'The hint about a proxy comes every minute, for as long as the page is open.',
    rule: 'errors',
    story: 'an idle timeout is told once',
  },
  {
    name: 'the app not told why',
    file: SOCKET,
    from: '...(failure === null ? {} : { failure }),',
    to: '',
    fault: 'classifyClose cannot tell HTTP 401 from a server that restarts.',
    rule: 'policy',
    story: 'the app is told why a handshake failed',
  },
];
