import { memo, useId } from 'react';
import { describeDay, describeTime } from '../ui/time-words.ts';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import { ChatImage } from './chat-image.tsx';
import { DeliveryNote } from './delivery-note.tsx';
import type { ShownMessage } from './outgoing-message.ts';

interface MessageBubbleProps {
  readonly message: ShownMessage;
  /** The name of the other side. */
  readonly from: string;
  /** The first of its day: the day stands above it. */
  readonly startsDay: boolean;
  /** The first after the other side, or after a pause. */
  readonly startsRun: boolean;
}

/** One message. Memoised: in a busy chat only the new ones are drawn. */
export const MessageBubble = memo(function MessageBubble({
  message,
  from,
  startsDay,
  startsRun,
}: MessageBubbleProps) {
  const { mine, text, imageId, key, sentAt, entry } = message;
  const textId = useId();
  const author = mine ? 'You' : from;
  return (
    <li className="message" data-mine={mine} data-starts-run={startsRun} data-delivery={entry?.state}>
      {startsDay && <p className="day">{describeDay(sentAt)}</p>}
      <div className="bubble">
        <VisuallyHidden>{author}: </VisuallyHidden>
        {text !== null && (
          <p id={textId} className="bubble-text">
            {text}
          </p>
        )}
        {imageId !== null && (
          <ChatImage imageId={imageId} sentKey={key} alt={`Picture from ${mine ? 'you' : from}`} />
        )}
        <time className="bubble-time" dateTime={new Date(sentAt).toISOString()}>
          {describeTime(sentAt)}
        </time>
        {entry !== undefined && <DeliveryNote entry={entry} textId={textId} />}
      </div>
    </li>
  );
});
