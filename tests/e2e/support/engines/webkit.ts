import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { needMiniBrowser, needWebKitDriver, needXvfb } from '../../../../scripts/engines.mjs';
import { freePort } from '../../../support/free-port.ts';
import type { Engine } from './engine.ts';

/** The driver may hang; no request waits for it longer. */
const REQUEST_LIMIT_MS = 40_000;
const START_LIMIT_MS = 20_000;

const ends = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

/** A screen that nobody looks at, whose number it chooses itself. */
const startScreen = async (): Promise<{ readonly display: string; closes(): Promise<void> }> => {
  const xvfb = spawn(needXvfb(), ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1280x800x24'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [number] = await once(xvfb.stdout, 'data', { signal: AbortSignal.timeout(START_LIMIT_MS) });
  return { display: `:${String(number).trim()}`, closes: () => ends(xvfb) };
};

/**
 * Starts a WebKitGTK on a screen of its own, driven over WebDriver by plain requests. A driver has one session; it is
 * asked for no screenshot, which hangs there.
 */
export const launchWebKit = async (): Promise<Engine> => {
  const screen = await startScreen();
  const port = await freePort();
  const driver = spawn(needWebKitDriver(), [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: screen.display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1' },
  });

  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`WebKitWebDriver refuses ${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  const untilUp = async (): Promise<void> => {
    const until = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await ask('GET', '/status');
        return;
      } catch (cause) {
        if (Date.now() > until) throw cause;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };

  await untilUp();
  const { sessionId } = (await ask('POST', '/session', {
    capabilities: {
      alwaysMatch: {
        'webkitgtk:browserOptions': { binary: needMiniBrowser(), args: ['--automation'] },
        timeouts: { script: REQUEST_LIMIT_MS, pageLoad: REQUEST_LIMIT_MS },
      },
    },
  })) as { sessionId: string };
  const session = `/session/${sessionId}`;

  return {
    name: 'webkit',
    page: {
      async goes(url) {
        await ask('POST', `${session}/url`, { url });
      },
      async evaluates<T>(expression: string): Promise<T> {
        const script = `const done = arguments[arguments.length - 1];
          (async () => (${expression}))().then(
            (value) => done({ value: value === undefined ? null : value }),
            (error) => done({ error: String(error) }),
          );`;
        const { value, error } = (await ask('POST', `${session}/execute/async`, { script, args: [] })) as {
          value: T;
          error?: string;
        };
        if (error !== undefined) throw new Error(`In the page: ${error}`);
        return value;
      },
      async reloads() {
        await ask('POST', `${session}/refresh`);
      },
      async goesBack() {
        await ask('POST', `${session}/back`);
      },
    },
    async closes() {
      try {
        await ask('DELETE', session);
      } finally {
        await ends(driver);
        await screen.closes();
      }
    },
  };
};
