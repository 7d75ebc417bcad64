import { toast } from 'react-toastify';
import { encodeImageFrame } from '../../../contract/image-frame.ts';
import type { ClientCommand } from '../../../contract/socket-messages.ts';
import { WebSocketClient } from '../services/handlers/websocket/WebSocketClient.ts';
import { createMessageKey } from './message-key.ts';
import type { ReadyImage } from './prepare-image.ts';
import { receivedImages } from './received-images.ts';

/** Says so when something was not sent; one toast however often. Answers whether it was sent. */
const wasSent = (result: 'sent' | 'queued' | 'refused'): boolean => {
  if (result !== 'refused') return true;
  toast.error('Cannot send message. Connection lost.', { toastId: 'cannot-send' });
  return false;
};

/** Sends a text. False: it was not sent, and the person was told. It shows up once its echo comes back. */
export const sendText = (conversationId: string, text: string): boolean => {
  const command: ClientCommand = { type: 'SEND_MESSAGE', conversationId, text, key: createMessageKey() };
  return wasSent(WebSocketClient.getInstance().sendMessage(JSON.stringify(command)));
};

/** Sends a picture as one binary frame, as `sendText` does. */
export const sendImage = (conversationId: string, { bytes, mime }: ReadyImage): boolean => {
  const key = createMessageKey();
  const frame = encodeImageFrame({ conversationId, key, mime }, bytes);
  const sent = wasSent(WebSocketClient.getInstance().sendBinaryMessage(frame));
  if (sent) receivedImages.put(key, new Blob([bytes], { type: mime }));
  return sent;
};
