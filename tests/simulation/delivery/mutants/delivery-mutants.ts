import type { Edit } from '../../mutants/load-mutated.ts';
import type { Kind } from '../checkers/violation.ts';

/** A change to client or gateway that broke the protocol when it was made, and the fault that shows it. */
export interface DeliveryMutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What goes wrong, and when. */
  readonly fault: string;
  /** The scenario with that fault; the sources as they are pass it. */
  readonly scenario: string;
  /** What the checkers find. */
  readonly rule: string;
  readonly kind: Kind;
}

const RUNNER = 'src/gateway/commands/command-runner.ts';
const PARTIAL_FAN_OUT = 'src/gateway/commands/partial-fan-outs.ts';
const FAN_OUT = 'src/gateway/commands/fan-out.ts';
const QUEUE = 'src/gateway/commands/command-queue.ts';
const SESSION = 'src/gateway/session/socket-session.ts';
const OUTLET = 'src/gateway/session/outlet.ts';
const HUB = 'src/gateway/hub.ts';
const ENGINE = 'src/gateway/engine/memory-engine.ts';
const LOG = 'src/gateway/log/resumable-log.ts';
const EFFECTS = 'src/gateway/commands/effects.ts';
const EXTENSION = 'src/protocol/extension.ts';
const FOLLOWER = 'src/delivery/log-follower.ts';
const OUTBOX = 'src/delivery/outbox/create-outbox.ts';
const OUTBOX_SESSION = 'src/delivery/outbox/outbox-session.ts';
const OUTBOX_PORT = 'src/delivery/outbox/outbox-port.ts';
const JUDGE = 'src/delivery/outbox/outbox-judge.ts';
const OUTBOX_ENTRY = 'src/delivery/outbox/outbox-entry.ts';
const LINE = 'src/delivery/outbox/outbox-line.ts';
const STEADY = 'src/delivery/outbox/steady-store.ts';

/** Or what the change leaves undone is done when the sender comes back. */
const NO_RECOVERY: Edit = {
  file: PARTIAL_FAN_OUT,
  from: 'if (only === undefined || only === clientId) await',
  to: 'if (only === clientId) await',
};

/** Each change that is known to break the protocol (docs/decisions), and one for each rule that none of those breaks. */
export const deliveryMutants: readonly DeliveryMutant[] = [
  {
    name: 'a lastN stands for all receipts',
    edits: [
      {
        file: RUNNER,
        from: '    if (n <= client.decided)\n      return { answer: await engineCall(() => engine.recall(userId, clientId, n)), effects: null };',
        to: '    if (n <= client.decided) return { answer: { decided: client.decided, stored: null }, effects: null };',
      },
      {
        file: RUNNER,
        from: '    for (const decision of unfanned)\n      if ((await finishDecision(options, clientId, decision)) < decided) throw lost();',
        to: '',
      },
      NO_RECOVERY,
    ],
    fault:
      'A gateway dies between verdict and fan-out. The number says that all is done, and nobody gets the message.',
    scenario: 'a gateway dies between verdict and fan-out',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'partially fanned out is left to the page that sent it',
    edits: [NO_RECOVERY],
    fault:
      'A gateway dies before its fan-out, and the page is gone for good: it took effect, and nobody gets the message.',
    scenario: 'a gateway dies before a fan-out, and its page and storage are gone',
    rule: 'I3',
    kind: 'partial',
  },
  {
    name: 'rejections not kept',
    edits: [
      {
        file: ENGINE,
        from: 'decisions.set(decision.n, {',
        to: "if (decision.verdict === 'done') decisions.set(decision.n, {",
      },
    ],
    fault:
      'A socket is cut before the receipt of a rejection. The repeat is told that the command took effect.',
    scenario: 'a command that is rejected',
    rule: 'I2',
    kind: 'false verdict',
  },
  {
    name: 'verdict not stored before fan-out',
    edits: [
      {
        file: RUNNER,
        from: "import { fanOut } from './fan-out.ts';",
        to: "import { fanOut } from './fan-out.ts';\nimport { commandMark } from './marks.ts';",
      },
      {
        file: RUNNER,
        from: '    const decision = { n, key, verdict, publications: effects?.publications ?? [] } as const;',
        to: '    await fanOut(engine, lane, effects?.publications ?? [], commandMark(userId, clientId, n));\n    const decision = { n, key, verdict, publications: [] } as const;',
      },
    ],
    fault:
      'A gateway dies after the fan-out, and the app shuts. The repeat is rejected, though it took effect.',
    scenario: 'a gateway dies in the middle of a fan-out, and the app shuts',
    rule: 'I2',
    kind: 'false verdict',
  },
  {
    name: 'gapless n enforced',
    edits: [
      {
        file: RUNNER,
        from: '    const settled = await settle(',
        to: '    if (n > client.decided + 1) throw lost();\n    const settled = await settle(',
      },
    ],
    fault:
      'A command that was never sent is thrown away. Its number never comes, and all that follow wait for it.',
    scenario: 'a command is thrown away before it was sent',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'outbox renumbered after a reload',
    edits: [
      {
        file: OUTBOX_SESSION,
        from: 'sortLeft(own.filter(newTo(queue.entries)),',
        to: 'sortLeft(own.filter(newTo(queue.entries)).map((each) => ({ ...each, clientId: options.clientId, n: each.n + 1_000 })),',
      },
    ],
    fault: 'A page is reloaded before its receipt comes. The command runs again under its new number.',
    scenario: 'a page is reloaded before the receipt comes',
    rule: 'I3',
    kind: 'duplicated',
  },
  {
    name: 'one clientId per user',
    edits: [{ file: OUTBOX, from: 'clientId: uuid(),', to: 'clientId: userId,' }],
    fault: 'Two tabs number alike: one takes the verdict on the other for its own, or is thrown out.',
    scenario: 'two tabs of one person',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'stored after sending',
    edits: [
      { file: LINE, from: "(rowOf(entry).stored === 'yes' && ", to: '(' },
      {
        file: OUTBOX_ENTRY,
        from: "saved: 'saved', try: 'resaving',",
        to: "saved: 'saved', carry: 'sent', try: 'resaving',",
      },
    ],
    fault: 'A page is reloaded between sending and storing. Nobody asks what became of the command.',
    scenario: 'a page is reloaded while its storage does not answer',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'a sent entry failed by age alone',
    edits: [
      {
        file: JUDGE,
        from: 'rowOf(entry).mayBeSent || !store.exclusive;',
        to: 'false;',
      },
    ],
    fault: 'A command took effect, and its receipt does not come for as long as it may wait.',
    scenario: 'a receipt does not come for as long as a command may wait',
    rule: 'I2',
    kind: 'false verdict',
  },
  {
    name: 'cursor moved before the reload',
    edits: [
      {
        file: FOLLOWER,
        from: '    else stretch.reloadedTo = last;',
        to: '    else {\n      stretch.reloadedTo = last;\n      if (position.cursor !== null) position.cursor = last;\n    }',
      },
    ],
    fault: 'The reload fails and the socket is cut. The next RESUME begins after what was never loaded.',
    scenario: 'a reload fails',
    rule: 'I5',
    kind: 'lost',
  },
  {
    name: 'range-checked RESUME',
    edits: [
      {
        file: ENGINE,
        from: '      if (position === (log?.last ?? EMPTY_POSITION)) return [];',
        to: '      if (Number.parseInt(position) >= Number.parseInt(log?.last ?? EMPTY_POSITION)) return [];',
      },
    ],
    fault:
      'A shard loses its tail and grows again as far. A cursor of the lost branch passes for one of this.',
    scenario: 'a shard loses its tail and grows again as far',
    rule: 'I7',
    kind: 'lost',
  },
  {
    name: 'two messages of one command appended apart',
    edits: [
      {
        file: FAN_OUT,
        from: 'await engine.append(userId, texts, mark);',
        to: 'for (const text of texts) await engine.append(userId, [text], mark);',
      },
    ],
    fault: 'The first message moves the mark, and the second passes for a repeat.',
    scenario: 'a command of two messages',
    rule: 'I3',
    kind: 'partial',
  },
  {
    name: 'commands of a socket run at the same time',
    edits: [
      {
        file: QUEUE,
        from: 'await runOne(next.command, next.keptBytes);',
        to: 'void runOne(next.command, next.keptBytes);',
      },
    ],
    fault:
      'Commands overtake each other. Each that comes too late looks like a store that has lost its tail, and closes the socket.',
    scenario: 'commands in a row',
    rule: 'I8',
    kind: 'storm',
  },
  {
    name: 'decided beside another socket',
    edits: [
      {
        file: ENGINE,
        from: 'client.decided !== seen || decision.n <= seen',
        to: 'client.decided < seen || decision.n <= client.decided',
      },
    ],
    fault:
      'Two sockets speak for one client. The later command reaches a recipient first, whose mark then turns the earlier one away.',
    scenario: 'a page is gone and half forgotten, and its socket still at work',
    rule: 'I3',
    kind: 'partial',
  },
  {
    name: 'a clientId shared by two pages',
    edits: [{ file: STEADY, from: 'each.session.close(held)', to: 'each.session.close(new Set())' }],
    fault:
      'The store has a part of what a page has in memory. Another page takes that part over, and its higher numbers decide the lower ones.',
    scenario: 'a page has room for some of its messages, and is disconnected beside another tab',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'a part of a clientId left behind',
    edits: [
      {
        file: OUTBOX_PORT,
        from: 'suspicion.clears(queue.retain((entry) => held.has(entry.stored.clientId)));',
        to: 'queue.retain((entry) => !store.outlivesPage(entry.stored));',
      },
    ],
    fault:
      'What the store has stays there, under a lock of the page itself, when the page sends the rest: the higher numbers decide the lower ones.',
    scenario: 'a page has room for some of its messages, and is disconnected beside another tab',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'going on after an error',
    edits: [
      {
        file: SESSION,
        from: '    this.refuseCommands();\n    // A socket that',
        to: '    // A socket that',
      },
      { file: SESSION, from: '    else this.fail(error);\n', to: '    else this.host.report(error);\n' },
    ],
    fault: 'A command fails for a moment, and the next one succeeds: its receipt covers both.',
    scenario: 'a store fails for a moment',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'mark only at the sender',
    edits: [
      {
        file: PARTIAL_FAN_OUT,
        from: 'publications, commandMark(userId, clientId, n));',
        to: 'publications);',
      },
    ],
    fault: 'A gateway dies in the middle of a fan-out. The repeat tells everybody again.',
    scenario: 'a gateway dies in the middle of a fan-out, and the app shuts',
    rule: 'I3',
    kind: 'duplicated',
  },
  {
    name: "the app's messages without a mark",
    edits: [{ file: HUB, from: 'origin === undefined ? undefined : outboxMark(origin)', to: 'undefined' }],
    fault:
      'A gateway dies after publishing a row, before it has noted that. Another one publishes the row again.',
    scenario: 'a gateway dies between publishing a row and noting it',
    rule: 'I3',
    kind: 'duplicated',
  },
  {
    name: 'no prev check',
    edits: [
      {
        file: FOLLOWER,
        from: 'if (prev === position.cursor) apply(',
        to: 'if (prev !== undefined) apply(',
      },
    ],
    fault: 'A store answers a position that it has forgotten from the oldest message that it still knows.',
    scenario: 'a store answers from the oldest message that it still knows',
    rule: 'I5',
    kind: 'lost',
  },
  {
    name: 'no heartbeat check',
    edits: [
      {
        file: FOLLOWER,
        from: 'if (last !== position.cursor) hole();',
        to: '',
      },
    ],
    fault:
      'A shard loses its tail. The log does not know what was sent last, and there is nothing else that tells the client.',
    scenario: 'a shard loses its tail under a page that follows it',
    rule: 'I7',
    kind: 'lost',
  },
  {
    name: 'displacement by clientId',
    edits: [
      {
        file: SESSION,
        from: '      tooManyClients: () => this.tooMany(),',
        to: "      tooManyClients: Object.assign(() => this.tooMany(), { displaced: () => this.close(4409, 'displaced') }),",
      },
      {
        file: RUNNER,
        from: '    const client: Client = { decided, outcomes: [] };',
        to: "    const client: Client = { decided, outcomes: [] };\n    const holders = (Reflect.get(engine, 'holders') ?? new Map()) as Map<string, () => void>;\n    Reflect.set(engine, 'holders', holders);\n    holders.get(clientId)?.();\n    holders.set(clientId, Reflect.get(options.tooManyClients, 'displaced'));",
      },
    ],
    fault:
      'What a client had sent on its old socket arrives after it is on a new one, and throws it out there.',
    scenario: 'what was sent on the old socket comes after the new one is at work',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'ids without the random suffix',
    edits: [{ file: ENGINE, from: 'makePosition(log.count, suffix())', to: "makePosition(log.count, '')" }],
    fault:
      'A shard loses its tail and gives the same ids to other messages. Cursors of the lost branch are known.',
    scenario: 'a shard loses its tail and grows again as far',
    rule: 'I7',
    kind: 'lost',
  },
  {
    name: 'ids ordered as strings',
    edits: [
      {
        file: ENGINE,
        from: 'log?.entries.findLastIndex((entry) => entry.prev === position) ?? -1;',
        to: 'log?.entries.findIndex((entry) => entry.id > position) ?? -1;',
      },
    ],
    fault: 'The tenth message comes before the ninth.',
    scenario: 'more than ten messages',
    rule: 'I5',
    kind: 'false alarm',
  },
  {
    name: 'an invalid message does not move the cursor',
    edits: [
      {
        file: FOLLOWER,
        from: '    position.cursor = id;\n    stretch.appliedCount += 1;',
        to: "    if (outcome === 'ran') position.cursor = id;\n    stretch.appliedCount += 1;",
      },
    ],
    fault: 'What a handler should not have published makes the page load everything again.',
    scenario: 'a message that no schema lets in',
    rule: 'I5',
    kind: 'false alarm',
  },
  {
    name: 'null for the empty position',
    edits: [
      { file: EXTENSION, from: "EMPTY_POSITION = '0'", to: 'EMPTY_POSITION = null as unknown as string' },
    ],
    fault: 'A new user has no messages yet: RESUMED says so with what means that there is no cursor.',
    scenario: 'nothing happens',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'receipt timer per entry',
    edits: [
      {
        file: LINE,
        from: '      awaitReceipt();\n      const codes',
        to: '      if (line.inFlight.length === 0) awaitReceipt();\n      const codes',
      },
    ],
    fault:
      'A slow gateway receipts one command after the other. The last of a window waits too long, and the socket is given up.',
    scenario: 'a store is sluggish',
    rule: 'I8',
    kind: 'storm',
  },
  {
    name: 'WELCOME recognised by type alone',
    edits: [{ file: EXTENSION, from: ' && message.ext === EXTENSION_NAME;', to: ';' }],
    fault: 'A plain server has a WELCOME of its own.',
    scenario: 'a plain server with a WELCOME of its own',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'a number accepted again with another key',
    edits: [{ file: RUNNER, from: 'stored !== null && stored.key !== key', to: 'stored === undefined' }],
    fault: 'Two pages number alike, and one is told that its command took effect.',
    scenario: 'a number is used again',
    rule: 'I19',
    kind: 'accepted in silence',
  },
  {
    name: 'ACK before the listeners',
    edits: [
      {
        file: FOLLOWER,
        from: '    const outcome = listeners.offer(message, transport, TRY_COUNT);',
        to: '    sendAck(id, transport, report);\n    const outcome = listeners.offer(message, transport, TRY_COUNT);',
      },
    ],
    fault: 'What is acknowledged may never be applied.',
    scenario: 'a command of two messages',
    rule: 'I6',
    kind: 'early ACK',
  },
  {
    name: 'window of the inbox not kept',
    edits: [{ file: LOG, from: 'const room = windowCount - out.length;', to: 'const room = windowCount;' }],
    fault: 'A page that comes back late is sent more than it can take.',
    scenario: 'a long log is resumed',
    rule: 'I15',
    kind: 'overflow',
  },
  {
    name: 'window of the outbox not kept',
    edits: [{ file: LINE, from: ' && line.inFlight.length < window());', to: ' && window() > 0);' }],
    fault: 'A page that was offline sends all at once.',
    scenario: 'a page comes back with a full outbox',
    rule: 'I15',
    kind: 'overflow',
  },
  {
    name: 'volatile messages before PRESENCE',
    edits: [
      {
        file: OUTLET,
        from: 'if (this.isShut || !this.takesVolatile) return;',
        to: 'if (this.isShut) return;',
      },
    ],
    fault: 'A page hears of a change before it knows what has changed.',
    scenario: 'somebody comes online while a page resumes',
    rule: 'I17',
    kind: 'in the way',
  },
  {
    name: 'volatile messages queue up behind a slow reader',
    edits: [
      {
        file: OUTLET,
        from: 'if (this.waitingBytes <= this.maxBufferedBytes) {',
        to: 'if (this.maxBufferedBytes > 0) {',
      },
      {
        file: OUTLET,
        from: 'Math.min(MAX_HANDED_BYTES, this.maxBufferedBytes / 4)',
        to: 'Number.POSITIVE_INFINITY',
      },
    ],
    fault: 'A page that reads slowly gets what is durable after all that nobody needs any more.',
    scenario: 'volatile messages come faster than a page reads',
    rule: 'I17',
    kind: 'in the way',
  },
  {
    name: 'the key of a sender told to all',
    edits: [
      {
        file: EFFECTS,
        from: 'publications.push({ userIds: [...others], text, ...named });',
        to: "publications.push({ userIds: [...others], text: echoText(text, key ?? ''), ...named });",
      },
    ],
    fault: 'A recipient learns what names the command of another.',
    scenario: 'a command of two messages',
    rule: 'I14',
    kind: 'leaked',
  },
];
