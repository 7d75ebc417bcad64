/** The peers that `npm run check:peers` installs together: the oldest that our ranges allow, the newest, and what lies between. */
export const PEER_SETS = [
  {
    name: 'page, oldest',
    runs: 'peers-page.mjs',
    types: ['@types/react@~18.2.0'],
    peers: [
      '@reduxjs/toolkit@~2.0.1',
      '@xstate/react@~4.1.0',
      'react@18.2.0',
      'react-dom@18.2.0',
      'react-redux@9.0.0',
      'react-toastify@9.0.0',
    ],
  },
  {
    name: 'page, between',
    runs: 'peers-page.mjs',
    types: ['@types/react@18'],
    peers: [
      '@reduxjs/toolkit@~2.2.0',
      '@xstate/react@5',
      'react@18',
      'react-dom@18',
      'react-redux@~9.1.0',
      'react-toastify@10',
    ],
  },
  {
    name: 'page, newest',
    runs: 'peers-page.mjs',
    types: ['@types/react@19'],
    peers: [
      '@reduxjs/toolkit@2',
      '@xstate/react@6',
      'react@19',
      'react-dom@19',
      'react-redux@9',
      'react-toastify@11',
    ],
  },
  {
    name: 'server, oldest',
    runs: 'peers-server.mjs',
    peers: [
      '@opentelemetry/api@~1.4.0',
      '@statelyai/inspect@~0.4.0',
      'libsql@~0.4.0',
      'pg@8.16.0',
      'prom-client@~14.0.0',
      'redis@5.9.0',
      'ws@8.23.0',
    ],
  },
  {
    name: 'server, newest',
    runs: 'peers-server.mjs',
    peers: [
      '@opentelemetry/api@1',
      '@statelyai/inspect@0.7',
      'libsql@0.5',
      'pg@8',
      'prom-client@15',
      'redis@6',
      'ws@8',
    ],
  },
  {
    // It uses none of them. npm looks at the ranges of peers that are there all the same.
    name: 'an app that has its own versions and uses the core alone',
    peers: ['react@18.2.0', 'react-dom@18.2.0', 'react-toastify@10', 'ws@8.23.0'],
  },
];
