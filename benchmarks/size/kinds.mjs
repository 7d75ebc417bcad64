/** The parts of a connection in the order in which a file is looked up: the first that fits has it. */
const KINDS = [
  ['XState: interpreter, events, timers, actors', /^xstate\/dist\/raise-/],
  ['XState: machine and state nodes', /^xstate\/dist\/StateMachine-/],
  ['XState: actions, fromCallback, setup', /^xstate\//],
  ['the bundler', /^the bundler$/],
  ['mistakes: how one is told, without its cure', /\/(?:mistake|tell-cure)\.ts$/],
  ['flight recorder', /^src\/recording\/|\/(?:ring|finite-or-null|traffic|chart-steps)\.ts$/],
  [
    'checks of options',
    /\/(?:check-options|option-rules|unknown-options|unknown-names|closest-name|need-function|user-id|subprotocols)\.ts$/,
  ],
  ['close table and verdict', /\/(?:close-codes|close-verdict|closing)\.ts$/],
  ['chart and its vocabulary', /^machines\//],
  [
    'why a socket failed, out of what platforms say',
    /\/(?:failure-of-event|socket-failure|mixed-content)\.ts$/,
  ],
  [
    'warnings: JSON that alters, connections by the dozen, idle cuts, mute servers',
    /\/(?:altered-by-json|made-connections|open-places|idle-cuts|ping-record|errors-per-type)\.ts$/,
  ],
  ['hostile frames', /\/(?:hostile-text|frame|limits|message)\.ts$/],
  ['codec', /\/codec\.ts$/],
  ['schemas', /\/schema\.ts$/],
  [
    'messages: inbox, listeners, ACK and dedupe, sends',
    /\/(?:inbox|message-listeners|plain-messages|ack-sender|recent-set|outgoing-message|sending|plain-delivery|dispatch-turn|no-outbox|extension|delivery-view)\.ts$/,
  ],
  ['clocks, backoff, waits', /\/(?:.*clock|backoff|wait-watch|quiet-time|lasting-time|deadline)\.ts$/],
  ['liveness and signals', /\/(?:liveness|server-watch|heartbeat-habit|.*signals|wake|silence)\.ts$/],
  ['socket: dial, tokens, closing', /^src\/actors\//],
  ['createConnection, snapshots, errors, lists of listeners', /^src\/(?:client|lib|protocol)\//],
  ['delivery', /^src\/delivery\//],
];

/** The part of a connection that a source file belongs to. */
export const kindOf = (file) => KINDS.find(([, pattern]) => pattern.test(file))?.[0] ?? file;
