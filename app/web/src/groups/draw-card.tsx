import { useState } from 'react';
import { fetchConversations } from '../store/chat-slice.ts';
import { drawNames } from '../store/groups-slice.ts';
import { useAppDispatch } from '../store/store.ts';
import { FormProblem } from '../ui/form-problem.tsx';
import { GiftIcon } from '../ui/icons.tsx';
import { describeError } from '../ui/use-form.ts';

/** The raffle before it took place. A draw cannot be undone, so it is asked for twice. */
export function DrawCard({ groupId, isOwner }: { groupId: string; isOwner: boolean }) {
  const dispatch = useAppDispatch();
  const [step, setStep] = useState<'waiting' | 'asking' | 'drawing'>('waiting');
  const [problem, setProblem] = useState<string | null>(null);
  const draw = async () => {
    setStep('drawing');
    setProblem(null);
    try {
      await dispatch(drawNames(groupId)).unwrap();
      await dispatch(fetchConversations());
    } catch (error) {
      setProblem(describeError(error));
      setStep('waiting');
    }
  };
  return (
    <section className="card card-festive" aria-labelledby="draw-title">
      <span className="card-mark">
        <GiftIcon />
      </span>
      <h2 id="draw-title">The names are still in the hat</h2>
      <p>
        {isOwner
          ? 'Once everyone has joined, draw the names. Each member gives to one other and hears from one.'
          : 'The organiser draws the names once everyone has joined. You will see your match here.'}
      </p>
      <FormProblem problem={problem} />
      {isOwner && step === 'waiting' && (
        <button type="button" className="button button-primary" onClick={() => setStep('asking')}>
          Draw names
        </button>
      )}
      {isOwner && step !== 'waiting' && (
        <fieldset className="confirm">
          <legend>Draw the names now?</legend>
          <p>A draw cannot be undone, and nobody can join after it.</p>
          <div className="actions">
            {/* The button that was pressed is gone: the focus goes on to its successor. */}
            <button
              type="button"
              className="button button-primary"
              ref={(button) => button?.focus()}
              disabled={step === 'drawing'}
              onClick={draw}
            >
              Yes, draw the names
            </button>
            <button
              type="button"
              className="button"
              disabled={step === 'drawing'}
              onClick={() => setStep('waiting')}
            >
              Not yet
            </button>
          </div>
        </fieldset>
      )}
    </section>
  );
}
