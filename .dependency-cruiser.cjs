/**
 * The lanes: imports go down only.
 *   lib < protocol < machines < actors < recording < client < { delivery, bridge } < { react redux toast sentry inspect stately }
 *   of the adapters only redux and toast take bridge, and none takes delivery;
 *   gateway takes lib, protocol, machines and Node packages; testing takes everything and nobody takes testing.
 */
const lane = (name, from, to, why) => ({
  name,
  severity: 'error',
  comment: why,
  from: { path: from },
  to: { path: to },
});
const only = (name, from, allowed, why) => ({
  name,
  severity: 'error',
  comment: why,
  from: { path: from },
  to: { pathNot: allowed, dependencyTypesNot: ['core'] },
});
const foreign = (name, lanes) => ({
  name: `only-${lanes.join('-or-')}-names-${name.replace(/\W+/g, '-')}`,
  severity: 'error',
  comment: `${name} is named in one lane only, so that swapping it touches one folder. Use what that lane exports instead.`,
  from: { path: '^(src|machines)/', pathNot: `^src/(${lanes.join('|')})/` },
  to: { path: `^node_modules/${name}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle means two files are one concept. Merge them, or move the shared part one lane down.',
      from: {},
      to: { circular: true },
    },
    only(
      'lib-knows-nothing',
      '^src/lib/',
      '^src/lib/',
      'lib is generic: it knows nothing of us and no package. Move the code up, or the need down.',
    ),
    lane(
      'protocol-is-low',
      '^src/protocol/',
      '^(machines|src/(?!lib|protocol))',
      'protocol is shared by client and gateway: it may use lib only.',
    ),
    only(
      'machines-are-pure',
      '^machines/',
      '^(machines/|src/lib/|src/protocol/|node_modules/xstate/)',
      'A chart says what happens. I/O belongs in an actor (src/actors), provided by src/client.',
    ),
    lane(
      'actors-are-below-client',
      '^src/actors/',
      '^src/(?!lib|protocol|actors)',
      'An actor reports to the chart through its callback and never calls a client or adapter.',
    ),
    lane(
      'recording-is-below-client',
      '^src/recording/',
      '^src/(?!lib|protocol|actors|recording)',
      'A recorder is told what the charts do, and knows no connection. Pass it the figure that it needs.',
    ),
    lane(
      'client-is-below-adapters',
      '^src/client/',
      '^src/(?!lib|protocol|actors|recording|client)',
      'The core knows no adapter. Let the adapter subscribe to the connection instead.',
    ),
    lane(
      'delivery-is-an-extension',
      '^src/delivery/',
      '^src/(?!lib|protocol|actors|recording|client|delivery)',
      'Delivery plugs into the core through src/client/delivery-extension.ts, and knows no adapter.',
    ),
    lane(
      'nobody-carries-delivery',
      '^src/(?!delivery/|testing/)',
      '^src/delivery/',
      'An app pays for delivery by importing statesocket/delivery. What others need of it belongs in src/client/delivery-view.ts.',
    ),
    lane(
      'bridge-is-below-adapters',
      '^src/bridge/',
      '^src/(?!lib|protocol|client|bridge)',
      'What the bridges of redux and toast share knows neither of them.',
    ),
    ...['react', 'redux', 'toast', 'sentry', 'inspect', 'stately'].map((name) =>
      lane(
        `${name}-imports-no-other-adapter`,
        `^src/${name}/`,
        `^src/(?!lib|protocol|actors|recording|client|bridge|index|${name}/)`,
        'Adapters never import each other. What two of them share belongs in client or lib.',
      ),
    ),
    only(
      'testing-names-no-test-runner',
      '^src/testing/',
      '^(src/|machines/|node_modules/xstate/)',
      'The testing tools work in every runner. Let the test that uses them name vitest, jest or React.',
    ),
    lane(
      'nobody-imports-testing',
      '^(machines/|src/(?!testing/))',
      '^src/testing/',
      'What our users run never carries test tools. Only tests and app import statesocket/testing.',
    ),
    lane(
      'gateway-is-apart',
      '^src/gateway/',
      '^src/(?!lib|protocol|gateway)',
      'The server half never imports the client half. What both need belongs in protocol.',
    ),
    foreign('react', ['react', 'redux', 'toast', 'inspect']),
    foreign('@xstate/react', ['react']),
    foreign('@reduxjs/toolkit', ['redux']),
    foreign('react-redux', ['redux']),
    foreign('react-toastify', ['toast']),
    foreign('@statelyai/inspect', ['stately']),
    foreign('@standard-schema', ['protocol']),
    foreign('ws', ['gateway']),
    foreign('libsql', ['gateway']),
    foreign('pg', ['gateway']),
    foreign('redis', ['gateway/redis']),
    foreign('prom-client', ['gateway/metrics']),
    foreign('@opentelemetry/api', ['gateway/tracing']),
    {
      name: 'app-uses-the-package-by-name',
      severity: 'error',
      comment:
        'RednGift is the reference user: it imports "statesocket" and its subpaths, as our users do. Export what it needs.',
      from: { path: '^app/' },
      to: {
        path: '^(src|machines)/',
        dependencyTypesNot: ['aliased', 'aliased-tsconfig', 'aliased-tsconfig-paths'],
      },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      comment: 'Test support stays in tests.',
      from: { path: '^(src|machines|app)/' },
      to: { path: '^(tests|benchmarks|scripts)/' },
    },
    {
      name: 'no-vague-names',
      severity: 'error',
      comment: 'types, utils, helpers and common say nothing. Name the file after its one concept.',
      from: {},
      to: { path: '^(src|machines|app)/.*(types|utils|helpers|common)\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|app/dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
