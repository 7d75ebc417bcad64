import { memo } from 'react';
import type { ChatMessage } from '../../../contract/http-api.ts';
import { sayDay, sayTime } from '../ui/say-time.ts';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import { ChatImage } from './chat-image.tsx';

interface MessageBubbleProps {
  readonly message: ChatMessage;
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
  const { mine, text, imageId, key, sentAt } = message;
  const author = mine ? 'You' : from;
  return (
    <li className="message" data-mine={mine} data-starts-run={startsRun}>
      {startsDay && <p className="day">{sayDay(sentAt)}</p>}
      <div className="bubble">
        <VisuallyHidden>{author}: </VisuallyHidden>
        {text !== null && <p className="bubble-text">{text}</p>}
        {imageId !== null && (
          <ChatImage imageId={imageId} sentKey={key} alt={`Picture from ${mine ? 'you' : from}`} />
        )}
        <time className="bubble-time" dateTime={new Date(sentAt).toISOString()}>
          {sayTime(sentAt)}
        </time>
      </div>
    </li>
  );
});
