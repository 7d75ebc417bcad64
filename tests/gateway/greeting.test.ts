import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { GREETING_DEADLINE_MS, Greeting } from '../../src/gateway/session/greeting.ts';

/** Somebody who is greeted. The app says who is online when the test lets it. */
const startGreeting = () => {
  const clock = createVirtualClock();
  const sent: (readonly string[])[] = [];
  const asked: { shows(online: readonly string[]): Promise<void>; fails(): Promise<void> }[] = [];
  const greeting = new Greeting({
    clock,
    sendPresence: (online) => void sent.push(online),
    showOnline: (receive) =>
      new Promise((resolve) => {
        const ends = (shown: boolean) => {
          resolve(shown);
          return new Promise<void>(setImmediate);
        };
        asked.push({
          shows(online) {
            receive(online);
            return ends(true);
          },
          fails: () => ends(false),
        });
      }),
  });
  return { clock, sent, asked, greeting };
};

describe('a greeting', () => {
  it('shows who is online, once, and leaves no timer', async () => {
    const { clock, sent, asked, greeting } = startGreeting();
    const greeted = greeting.greet();
    await asked[0]?.shows(['bert']);
    await greeted;
    greeting.greetIfOwed();
    expect(sent).toEqual([['bert']]);
    expect(asked).toHaveLength(1);
    expect(clock.timerCount).toBe(0);
  });

  it('is of nobody where the app fails, and is owed until it has worked', async () => {
    const { sent, asked, greeting } = startGreeting();
    const greeted = greeting.greet();
    await asked[0]?.fails();
    await greeted;
    expect(sent).toEqual([[]]);
    greeting.greetIfOwed();
    await asked[1]?.fails();
    // What was shown stays: an empty one would say that all have left.
    expect(sent).toEqual([[]]);
    greeting.greetIfOwed();
    await asked[2]?.shows(['bert']);
    greeting.greetIfOwed();
    expect(sent).toEqual([[], ['bert']]);
    expect(asked).toHaveLength(3);
  });

  it('is of nobody where the app takes longer than its deadline; what it says later is shown all the same', async () => {
    const { clock, sent, asked, greeting } = startGreeting();
    const greeted = greeting.greet();
    clock.passes(GREETING_DEADLINE_MS - 1);
    expect(sent).toEqual([]);
    clock.passes(1);
    await greeted;
    expect(sent).toEqual([[]]);
    await asked[0]?.shows(['bert']);
    expect(sent).toEqual([[], ['bert']]);
  });

  it('is owed again when something volatile was dropped', async () => {
    const { sent, asked, greeting } = startGreeting();
    void greeting.greet();
    await asked[0]?.shows(['bert']);
    greeting.missed();
    greeting.greetIfOwed();
    await asked[1]?.shows([]);
    expect(sent).toEqual([['bert'], []]);
  });

  it('that was stopped sends nothing, and leaves no timer', async () => {
    const { clock, sent, asked, greeting } = startGreeting();
    void greeting.greet();
    greeting.stop();
    expect(clock.timerCount).toBe(0);
    await asked[0]?.shows(['bert']);
    expect(sent).toEqual([]);
  });
});
