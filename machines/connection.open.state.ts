import { connectionSetup } from './connection.setup.ts';

/** `socket.open` of the chart of the connection: what is watched while messages flow. */
export const openState = connectionSetup.createStateConfig({
  tags: 'open',
  description: 'Messages flow, straight from the socket to the listeners.',
  type: 'parallel',
  on: {
    'socket.stuck': {
      target: '#connection.lost',
      actions: ['noteStuck', 'doubtToken'],
      description: 'Its code stays unknown, and may be that of a refused token: it is doubted.',
    },
    'link.broken': [
      {
        guard: 'isOfAnotherVersion',
        target: '#connection.failed.misconfigured',
        actions: 'noteBrokenLink',
      },
      { guard: 'mayReplaceAtOnce', target: '#connection.dialling', actions: 'noteBrokenLink' },
      { target: '#connection.lost', actions: 'noteBrokenLink' },
    ],
  },
  states: {
    stability: {
      description: 'Has the connection recovered?',
      initial: 'settling',
      states: {
        settling: {
          description: 'Open, but it may be the first second of a server that dies again.',
          always: { guard: 'isStableAtOnce', target: 'stable' },
          after: { stableDelay: { target: 'stable', actions: 'trustToken' } },
        },
        stable: {
          id: 'stable',
          description: 'Open long enough to call the connection recovered.',
          entry: ['endRetries', 'endDoubt'],
          on: {
            'socket.closed': { target: '#connection.closed', actions: 'judgeStableClose' },
          },
        },
      },
    },
    liveness: {
      description: 'Is the server still there?',
      initial: 'unwatched',
      states: {
        unwatched: {
          description: 'Silence means nothing: the server has not promised to speak.',
          on: { 'heartbeat.armed': { target: 'watched', actions: 'noteCanAsk' } },
        },
        watched: {
          description: 'Silence means something; a signal is a reason to ask sooner.',
          invoke: { src: 'wake', id: 'wake' },
          on: {
            'page.shown': { guard: 'canAsk', target: '.probing', actions: 'probeSoon' },
            'page.resumed': { guard: 'canAsk', target: '.probing', actions: 'probeSoon' },
            'network.restored': {
              guard: 'canAsk',
              target: '.probing',
              actions: ['noteOnline', 'probeSoon'],
            },
            'network.lost': {
              guard: 'canAsk',
              target: '.probing',
              actions: ['noteOffline', 'probeSoon'],
            },
          },
          initial: 'alive',
          states: {
            alive: {
              description: 'The server speaks often enough.',
              on: {
                'frame.silent': [
                  { guard: 'canAsk', target: 'probing', actions: 'probe' },
                  {
                    guard: 'mayReplaceAtOnce',
                    target: '#connection.dialling',
                    actions: 'noteSilence',
                  },
                  { target: '#connection.lost', actions: 'noteSilence' },
                ],
              },
            },
            probing: {
              description: 'The server was asked for a sign of life. Its socket may be half-open.',
              on: {
                'frame.heard': [
                  { guard: 'isStable', target: 'alive', actions: ['noteAnswer', 'resetRetryCount'] },
                  { target: 'alive', actions: 'noteAnswer' },
                ],
                'probe.unanswered': [
                  {
                    guard: 'mayReplaceUnlessMute',
                    target: '#connection.dialling',
                    actions: 'noteUnanswered',
                  },
                  { target: '#connection.lost', actions: 'noteUnanswered' },
                ],
              },
            },
          },
        },
      },
    },
  },
});
