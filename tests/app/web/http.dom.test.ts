import * as v from 'valibot';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Group } from '../../../app/contract/http-api.ts';
import { ApiFailure, abandonCalls, callFor, onTokenRefused } from '../../../app/web/src/api/http.ts';
import { aGroup, json, refusal } from './support/fake-api.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

const answers = (answer: () => Response | Promise<Response>) =>
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => answer()),
  );
const ask = () => callFor(Group, { path: '/api/groups/office' });

describe('an HTTP call', () => {
  it('answers what its schema says, and nothing beside it', async () => {
    answers(() => json({ ...aGroup(), secret: 'giver' }));
    expect(await ask()).toEqual(aGroup());
  });

  it.each([
    ['another shape', () => json({ id: 7 })],
    ['no JSON', () => new Response('<html>', { status: 200 })],
  ])('fails on an answer of %s', async (_what, answer) => {
    answers(answer);
    await expect(ask()).rejects.toThrow('RednGift sent a response that this page does not know.');
  });

  it('fails in the words of the server, and with its status alone where it has none', async () => {
    answers(() => refusal(409, 'The names are drawn.'));
    await expect(ask()).rejects.toMatchObject({ status: 409, message: 'The names are drawn.' });
    answers(() => new Response('Bad gateway', { status: 502 }));
    await expect(ask()).rejects.toMatchObject({
      status: 502,
      message: 'RednGift responded with status 502.',
    });
  });

  it('fails with status 0 when the server cannot be reached', async () => {
    answers(() => Promise.reject(new TypeError('fetch failed')));
    await expect(ask()).rejects.toMatchObject({ status: 0 });
  });

  it('of an ended session never answers, even if the server does', async () => {
    let answer = (_: Response) => {};
    answers(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const asked = ask();
    abandonCalls();
    answer(json(aGroup()));
    const error: unknown = await asked.catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(ApiFailure);
    expect(error).toMatchObject({ name: 'AbortError' });
  });

  it('tells of a refused token, and not of a refused password', async () => {
    const refused = vi.fn();
    const stop = onTokenRefused(refused);
    answers(() => refusal(401, 'No.'));
    await expect(callFor(v.object({}), { path: '/api/session', token: null })).rejects.toMatchObject({
      status: 401,
    });
    expect(refused).not.toHaveBeenCalled();
    localStorage.setItem('accessToken', 'old');
    await expect(ask()).rejects.toMatchObject({ status: 401 });
    expect(refused).toHaveBeenCalledOnce();
    stop();
  });
});
