import { act, render, screen } from '@testing-library/react';
import { useReducer, useState } from 'react';
import { createConnection } from 'statesocket';
import { ConnectionProvider, useMessage } from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';

type Round = { asked: string | null; answers: string[] };
type Change = { asked: unknown } | { answered: unknown };

const changed = (round: Round, change: Change): Round =>
  'asked' in change
    ? { asked: String(change.asked), answers: [] }
    : { ...round, answers: [...round.answers, String(change.answered)] };

/** Is there from the first message on, and keeps what the parts below will need. */
const Quiz = () => {
  const [round, change] = useReducer(changed, { asked: null, answers: [] });
  useMessage('QUESTION', ({ text }) => change({ asked: text }));
  useMessage('ANSWER', ({ text }) => change({ answered: text }));
  return round.asked === null ? null : <Answers answers={round.answers} />;
};

/** Mounts because of a QUESTION, and is given all the answers. */
const Answers = ({ answers }: { answers: readonly string[] }) => <p>{answers.join(', ')}</p>;

/** Do not do this: it begins to listen once it is mounted. */
const LateAnswers = () => {
  const [answers, setAnswers] = useState<string[]>([]);
  useMessage('ANSWER', ({ text }) => setAnswers((before) => [...before, String(text)]));
  return <p>{answers.join(', ')}</p>;
};
const LateQuiz = () => {
  const [isAsked, setAsked] = useState(false);
  useMessage('QUESTION', () => setAsked(true));
  return isAsked && <LateAnswers />;
};

const playsWith = async (page: typeof Quiz | typeof LateQuiz) => {
  const Page = page;
  const server = createFakeServer();
  const connection = createConnection({ url: 'wss://example.org/connect/', WebSocket: server.WebSocket });
  render(
    <ConnectionProvider connection={connection} userId="ada">
      <Page />
    </ConnectionProvider>,
  );
  await act(async () => server.accepts());
  // One batch: the second message comes before React has rendered for the first.
  await act(async () => server.sends({ type: 'QUESTION', text: 'Who?' }, { type: 'ANSWER', text: 'Bob' }));
  await act(async () => server.sends({ type: 'ANSWER', text: 'Cleo' }));
};

it('an answer that comes with its question is shown', async () => {
  await playsWith(Quiz);
  expect(screen.getByText('Bob, Cleo')).toBeTruthy();
});

it('a component that listens once the question has mounted it misses that answer', async () => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined); // nobody listened to it, and the connection says so
  await playsWith(LateQuiz);
  expect(screen.getByText('Cleo')).toBeTruthy();
});
