import { connectionSetup } from './connection.setup.ts';

/** `backoff` of the chart of the connection: all waits for the next attempt. */
export const backoffState = connectionSetup.createStateConfig({
  tags: 'backoff',
  description: 'No socket. The next attempt comes by itself.',
  on: {
    'user.retry': { target: 'dialling', description: 'A person dials now; the count stays.' },
    'page.suspended': { target: '.suspended' },
  },
  initial: 'waiting',
  states: {
    waiting: {
      tags: 'retry',
      description: 'The delay of the backoff policy. A page shown, or a network that is back, ends it.',
      entry: 'planRetry',
      after: { retryDelay: { target: '#connection.dialling', actions: 'countRetry' } },
      on: {
        'page.shown': { target: '#connection.dialling' },
        'network.restored': { target: '#connection.dialling', actions: 'noteOnline' },
      },
    },
    advised: {
      tags: 'advised',
      description: 'As long as the server asked for, or the policy says. No signal ends it.',
      entry: 'planRetry',
      after: { retryDelay: { target: '#connection.dialling', actions: 'countRetry' } },
      on: {
        'page.suspended': {
          description: 'It goes on: a wait that began again with each suspension might never end.',
        },
      },
    },
    spreading: {
      tags: 'spread',
      description: 'Many clients lost this server at the same moment: a random wait, not counted.',
      entry: 'planSpread',
      after: { spreadDelay: { target: '#connection.dialling' } },
    },
    throttled: {
      tags: 'throttled',
      description: 'The connect budget is spent; the next refund dials.',
      on: {
        'budget.refunded': { target: '#connection.dialling', actions: 'refundConnectBudget' },
      },
    },
    offline: {
      tags: 'offline',
      description: 'The platform calls itself offline. Attempts from here are not counted.',
      entry: 'planOfflineProbe',
      after: { offlineProbeDelay: { target: '#connection.dialling' } },
      on: {
        'network.restored': { target: '#connection.dialling', actions: 'noteOnline' },
      },
    },
    suspended: {
      tags: 'suspended',
      description: 'The page is frozen or in the back/forward cache. Its socket was closed.',
      entry: 'planResume',
      after: { suspendedLimit: { target: '#connection.dialling', actions: 'resetRetryCount' } },
      on: {
        'page.suspended': { description: 'Suspended twice is suspended.' },
        'page.shown': { target: '#connection.dialling', actions: 'resetRetryCount' },
        'page.resumed': { target: '#connection.dialling', actions: 'resetRetryCount' },
        'user.retry': { target: '#connection.dialling', actions: 'resetRetryCount' },
      },
    },
  },
});
