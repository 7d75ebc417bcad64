/** A connection that is made with a mistake, after the page was loaded. What is told of it is written into the page. */

import { type ConnectionOptions, createConnection } from 'statesocket';

const write = (id: string, text: string): void => {
  const output = document.getElementById(id);
  if (output !== null) output.textContent = text;
};

addEventListener('unhandledrejection', ({ reason }) => write('uncaught', String(reason)));
addEventListener('error', ({ message }) => write('uncaught', message));

/** Called by the test. */
const errs = (): void => {
  const options = { url: `ws://${location.host}/`, maxRetry: 3 };
  const connection = createConnection(options as ConnectionOptions<{ type: string }>);
  connection.onError((error) => {
    if (error.code !== 'unknown-option') return;
    write('told', error.message);
    setInterval(() => write('message', error.message), 20);
  });
  connection.subscribe(() => write('status', connection.status));
  connection.connect({ userId: 'ada' });
};

Object.assign(globalThis, { errs });
