import { readFileSync } from 'node:fs';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { createFakeServer } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';

/** Vitest runs in the repository; in jsdom `import.meta.url` is no file. */
const read = (path: string): string => readFileSync(path, 'utf8');

it('the complete page of the README is this file', () => {
  const pages = [...read('README.md').matchAll(/^```tsx\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
  expect(pages.filter((code) => code.includes('createRoot('))).toEqual([read('tests/house/readme-page.tsx')]);
});

it('and runs: it connects, shows a message and a toast, and sends what a person types', async () => {
  const server = createFakeServer();
  vi.stubGlobal('WebSocket', server.WebSocket);
  document.body.innerHTML = '<div id="root"></div>';
  await act(() => import('./readme-page.tsx'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Connecting…'));
  expect(server.latest.url).toBe('ws://localhost:3000/connect/token-of-ada/');

  await act(async () => {
    server.accepts();
    server.welcomes();
    server.resumes();
  });
  expect(screen.getByRole('status').textContent).toBe('Connected.');
  const fromBen = { type: 'NEW_MESSAGE', from: 'ben', text: 'Hello' };
  await act(async () => void server.publishes(fromBen));
  await waitFor(() => expect(screen.getByText('ben: Hello')).toBeTruthy());
  await waitFor(() => expect(screen.getByText('A new message')).toBeTruthy());

  fireEvent.change(screen.getByLabelText('Message'), { target: { value: 'Hello, Ben' } });
  await act(async () => screen.getByText('Send').click());
  expect(server.received).toContainEqual(
    expect.objectContaining({ type: 'SEND_MESSAGE', to: 'ben', text: 'Hello, Ben' }),
  );
});
