/** A connection that is made with a mistake, after the page was loaded. What is told of it is written into the page. */

import { createConnection } from 'statesocket';

const write = (id: string, text: string): void => {
  const output = document.getElementById(id);
  if (output !== null) output.textContent = text;
};

addEventListener('unhandledrejection', ({ reason }) => write('uncaught', String(reason)));
addEventListener('error', ({ message }) => write('uncaught', message));

/** Called by the test. */
const errs = (): void => {
  const tokens = ['a token', null];
  const connection = createConnection({
    url: `ws://${location.host}/`,
    getToken: () => tokens.pop() ?? null,
  });
  connection.onError((error) => {
    if (error.code !== 'token-missing') return;
    write('told', error.message);
    // The person signs in.
    setTimeout(() => connection.connect({ userId: 'ada' }));
    setInterval(() => write('message', error.message), 20);
  });
  connection.subscribe(() => write('status', connection.status));
  connection.connect({ userId: 'ada' });
};

Object.assign(globalThis, { errs });
