import type { DeliveryMutant } from './delivery-mutants.ts';

const POSTGRES_GROUPS = 'src/gateway/postgres/groups.ts';
const FILE_GROUPS = 'src/gateway/engine/thread/groups.ts';
const HUB = 'src/gateway/hub.ts';
const NEIGHBOURS = 'src/gateway/nodes/neighbours.ts';
const PRESENCE = 'src/gateway/presence.ts';
const MEMORY = 'src/gateway/engine/memory-engine.ts';

/** Changes to how calls share transactions, and to what nodes say to each other. */
export const engineMutants: readonly DeliveryMutant[] = [
  {
    name: 'a mark does not keep an append from being made again',
    edits: [{ file: MEMORY, from: "if (isRepeat(slot, mark)) return 'repeat';", to: '' }],
    fault: 'A transaction is committed, its reply is lost, and it is done again.',
    scenario: 'a transaction is committed and its reply is lost',
    rule: 'I3',
    kind: 'duplicated',
  },
  {
    name: 'a mark does not keep a script from being run again',
    edits: [{ file: MEMORY, from: "if (isRepeat(slot, mark)) return 'repeat';", to: '' }],
    fault: 'A script has run, its reply is lost, and it is run again.',
    scenario: 'a script has run and its reply is lost',
    rule: 'I3',
    kind: 'duplicated',
  },
  {
    name: 'a call whose slot was not to be had counts as done',
    edits: [
      {
        file: POSTGRES_GROUPS,
        from: 'if (result !== null && result !== undefined) resolve(result);',
        to: 'if (result !== undefined) resolve(result);',
      },
    ],
    fault: 'Another transaction has the slot of a recipient, and the message is never appended.',
    scenario: 'another transaction has a slot',
    rule: 'I2',
    kind: 'lost',
  },
  {
    name: 'a group is told before it is committed, and never is',
    edits: [{ file: FILE_GROUPS, from: '    transactions.commit();\n', to: '' }],
    fault: 'Nothing of what was called is in the file.',
    scenario: 'a disk is full',
    rule: 'I7',
    kind: 'stuck',
  },
  {
    name: 'a disconnect is not told to other nodes',
    edits: [{ file: HUB, from: "neighbours.say([userId], { says: 'close', code, reason });", to: '' }],
    fault: 'Who is signed out at one node stays connected to the others.',
    scenario: 'three nodes and nothing happens',
    rule: 'nodes',
    kind: 'lost',
  },
  {
    name: 'a volatile message stays at its node',
    edits: [{ file: NEIGHBOURS, from: "          say(userIds, { says: 'text', text });".trim(), to: '' }],
    fault: 'Nobody at another node hears what somebody types.',
    scenario: 'three nodes and nothing happens',
    rule: 'nodes',
    kind: 'lost',
  },
  {
    name: 'a volatile message comes back to the node that said it',
    edits: [
      {
        file: NEIGHBOURS,
        from: "          say(userIds, { says: 'text', text });".trim(),
        to: "say(userIds, { says: 'text', text }); void here.sendText(userIds, text);",
      },
    ],
    fault: 'Each page at the same node gets it twice.',
    scenario: 'three nodes and nothing happens',
    rule: 'nodes',
    kind: 'duplicated',
  },
  {
    name: 'presence knows of one node alone',
    edits: [
      {
        file: PRESENCE,
        from: 'return new Set(await nodes.online(userIds));',
        to: 'return new Set(userIds.filter(isOnline));',
      },
    ],
    fault: 'Who comes back does not see whoever is at another node.',
    scenario: 'three nodes and nothing happens',
    rule: 'nodes',
    kind: 'lost',
  },
  {
    name: 'nobody is told of those who were at a node that died',
    edits: [
      { file: HUB, from: 'changed: (userIds) => presence.changed(userIds),', to: 'changed: () => {},' },
    ],
    fault: 'A node dies with the sockets of somebody, who is shown as online for ever.',
    scenario: 'three nodes and nothing happens',
    rule: 'nodes',
    kind: 'lost',
  },
];
