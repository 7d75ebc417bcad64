import { render } from '@testing-library/react';
import type { ComponentType } from 'react';
import { ConnectionInspector } from 'statesocket/inspect';
import {
  ConnectionProvider,
  useConnection,
  useConnectionSnapshot,
  useConnectionStatus,
  useDelivery,
  useMessage,
  useOutbox,
  useSend,
} from 'statesocket/react';
import { bridgeToRedux, useReduxBridge } from 'statesocket/redux';
import { reportToSentry } from 'statesocket/sentry';
import { createScenario } from 'statesocket/testing';
import { bridgeToToasts, useToastBridge } from 'statesocket/toast';
import { beforeEach, describe, expect, it, vi } from 'vitest';

/** What no type checker would let through. */
const untyped = <T,>(value: unknown): T => value as T;

// React writes what a component throws.
beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue(undefined));

const thrownBy = (Component: ComponentType): unknown => {
  try {
    render(<Component />);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a hook outside of a ConnectionProvider', () => {
  it.each<[string, () => unknown]>([
    ['useConnection', useConnection],
    ['useConnectionSnapshot', useConnectionSnapshot],
    ['useConnectionStatus', useConnectionStatus],
    ['useDelivery', useDelivery],
    ['useMessage', () => useMessage('CHAT', () => {})],
    ['useOutbox', useOutbox],
    ['useSend', useSend],
  ])('%s says its own name, and what it needs', (hook, use) => {
    const Component = () => {
      use();
      return null;
    };
    expect(thrownBy(Component)).toMatchObject({
      code: 'bad-option',
      message: `${hook} needs a ConnectionProvider above its component.`,
    });
  });
});

describe('useMessage without a handler', () => {
  it('says what is missing', () => {
    const { connection } = createScenario();
    const Listener = () => {
      useMessage('CHAT', untyped(undefined));
      return null;
    };
    const App = () => (
      <ConnectionProvider connection={connection} userId={null}>
        <Listener />
      </ConnectionProvider>
    );
    expect(thrownBy(App)).toMatchObject({
      code: 'bad-option',
      message: "useMessage('SOME_TYPE', (message) => …) needs a function as its listener; it got undefined.",
    });
    connection.dispose();
  });
});

describe('a connection that is undefined', () => {
  const nothing = untyped<never>(undefined);
  it.each<[string, ComponentType]>([
    ['ConnectionProvider', () => <ConnectionProvider connection={nothing} userId={null} />],
    ['ConnectionInspector', () => <ConnectionInspector connection={nothing} />],
    [
      'useReduxBridge',
      () => {
        useReduxBridge(nothing, {}, () => {});
        return null;
      },
    ],
    [
      'useToastBridge',
      () => {
        useToastBridge(nothing, {});
        return null;
      },
    ],
    [
      'bridgeToRedux',
      () => {
        bridgeToRedux(nothing, () => {}, {});
        return null;
      },
    ],
    [
      'bridgeToToasts',
      () => {
        bridgeToToasts(nothing, {});
        return null;
      },
    ],
    [
      'reportToSentry',
      () => {
        reportToSentry(nothing, { captureException: () => '' });
        return null;
      },
    ],
  ])('given to %s is told by that name', (name, Component) => {
    expect(thrownBy(Component)).toMatchObject({
      code: 'bad-option',
      message: `${name} needs a connection; it got undefined. Pass what createConnection returns, made outside of components; check the import.`,
    });
  });

  it('left out of ConnectionInspector means none: recordings can be opened in it', () => {
    expect(thrownBy(() => <ConnectionInspector />)).toBeUndefined();
  });
});

describe('an option of a bridge that nobody reads', () => {
  it('is named in its onError, with the one that was probably meant', async () => {
    const { connection } = createScenario();
    const errors: { code: string; message: string }[] = [];
    const onError = (error: { code: string; message: string }) => errors.push(error);
    const messages = () => errors.map(({ code, message }) => `${code}: ${message}`);
    bridgeToRedux(connection, () => {}, {}, untyped({ onError, in0rder: [] }));
    bridgeToToasts(connection, untyped({ message: {}, limit: 3 }), untyped({ onError, onErr: 1 }));
    await vi.waitFor(() => expect(messages()[3]).toContain('?'));
    expect(messages()).toEqual([
      'unknown-option: bridgeToRedux knows no option in0rder, so that one does nothing. Did you mean inOrder?',
      'unknown-option: bridgeToToasts knows no option onErr, so that one does nothing. Did you mean onError?',
      'unknown-option: bridgeToToasts: the policy knows no option message, so that one does nothing. Did you mean messages?',
      'unknown-option: bridgeToToasts: the policy knows no option limit, so that one does nothing. Did you mean limitCount?',
    ]);
    connection.dispose();
  });
});
