import { toast } from 'react-toastify';
import { encodeImageFrame } from '../../../contract/image-frame.ts';
import type { ClientCommand } from '../../../contract/socket-messages.ts';
import { WebSocketClient } from '../services/handlers/websocket/WebSocketClient.ts';
import { createMessageKey } from './message-key.ts';
import type { ReadyImage } from './prepare-image.ts';
import { receivedImages } from './received-images.ts';

/**
 * Says a text: it shows up at once, and goes out as soon as it can. False: it was refused, as the toast policy has told.
 */
export const sendText = (conversationId: string, text: string): boolean => {
  const command: ClientCommand = { type: 'SEND_MESSAGE', conversationId, text };
  return WebSocketClient.getInstance().sendMessage(JSON.stringify(command)) !== 'refused';
};

/** Sends a picture as one binary frame, now or not at all. False: it was not sent, and the person was told. */
export const sendImage = (conversationId: string, { bytes, mime }: ReadyImage): boolean => {
  const key = createMessageKey();
  const frame = encodeImageFrame({ conversationId, key, mime }, bytes);
  if (WebSocketClient.getInstance().sendBinaryMessage(frame) === 'refused') {
    // One toast however often.
    toast.error('Cannot send message. Connection lost.', { toastId: 'cannot-send' });
    return false;
  }
  receivedImages.put(key, new Blob([bytes], { type: mime }));
  return true;
};
