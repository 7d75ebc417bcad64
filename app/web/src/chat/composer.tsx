import { type ChangeEvent, type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import type { Conversation } from '../../../contract/http-api.ts';
import { IMAGE_TYPES } from '../../../contract/image-frame.ts';
import { WebSocketClient } from '../services/handlers/websocket/WebSocketClient.ts';
import { draftChanged } from '../store/chat-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { PictureIcon, SendIcon } from '../ui/icons.tsx';
import { ImagePreview } from './image-preview.tsx';
import { prepareImage, type ReadyImage } from './prepare-image.ts';
import { sendImage, sendText } from './send-from-composer.ts';

/** The longest text of the contract (SEND_MESSAGE), in characters. */
const MAX_TEXT_LENGTH = 4_000;

/** Where a message is written. What could not be sent stays here. */
export function Composer({ conversation: { id, title } }: { conversation: Conversation }) {
  const dispatch = useAppDispatch();
  const draft = useAppSelector((state) => state.chat.drafts[id] ?? '');
  const [image, setImage] = useState<ReadyImage | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const textbox = useRef<HTMLTextAreaElement>(null);
  const setDraft = (text: string) => dispatch(draftChanged({ conversationId: id, text }));
  const text = draft.trim();

  const send = (event: FormEvent) => {
    event.preventDefault();
    textbox.current?.focus();
    if (text !== '' && sendText(id, text)) setDraft('');
    if (image !== null && sendImage(id, image)) setImage(null);
  };

  const type = ({ target }: ChangeEvent<HTMLTextAreaElement>) => {
    setDraft(target.value);
    if (target.value !== '') WebSocketClient.getInstance().sendTypingIndicator(id);
  };

  const sendOnEnter = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };

  const pick = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (file === undefined) return;
    const prepared = await prepareImage(file);
    // Emptied, so that the same file can be picked again.
    target.value = '';
    const failed = 'problem' in prepared;
    setProblem(failed ? prepared.problem : null);
    setImage(failed ? null : prepared);
    textbox.current?.focus();
  };

  return (
    <form ref={form} className="composer" aria-label={`Write to ${title}`} onSubmit={send}>
      <div role="alert" className="composer-problem">
        {problem}
      </div>
      {image !== null && <ImagePreview image={image} onRemove={() => setImage(null)} />}
      <div className="composer-row">
        <label className="attach">
          <input type="file" accept={IMAGE_TYPES.join(',')} aria-label="Choose a picture" onChange={pick} />
          <PictureIcon />
        </label>
        <textarea
          ref={textbox}
          rows={1}
          aria-label="Message"
          placeholder={`Message ${title}`}
          maxLength={MAX_TEXT_LENGTH}
          value={draft}
          onChange={type}
          onKeyDown={sendOnEnter}
        />
        <button type="submit" className="send" aria-label="Send" disabled={text === '' && image === null}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
