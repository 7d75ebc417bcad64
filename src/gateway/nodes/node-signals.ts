/** What one node says to another, about the users whom it names. */
export type NodeSignal =
  /** A volatile message of the app's. */
  | { readonly says: 'text'; readonly text: string }
  /** A binary frame of the app's, as base64. */
  | { readonly says: 'binary'; readonly data: string }
  /** Close their sockets. */
  | { readonly says: 'close'; readonly code: number; readonly reason: string }
  /** They watch this user, who has come online or gone offline: look which. */
  | { readonly says: 'presence'; readonly of: string }
  /** They have too many sockets on all nodes together: the dead ones go. */
  | { readonly says: 'crowded' };

export const signalText = (signal: NodeSignal): string => JSON.stringify(signal);

/** Null: a word that this version does not know. Nodes of two versions may be there while servers are exchanged. */
export const readSignal = (text: string): NodeSignal | null => {
  try {
    const signal = JSON.parse(text) as Partial<Record<string, unknown>> | null;
    const isText = (name: string) => typeof signal?.[name] === 'string';
    const isKnown =
      (signal?.says === 'text' && isText('text')) ||
      (signal?.says === 'binary' && isText('data')) ||
      (signal?.says === 'close' && typeof signal.code === 'number' && isText('reason')) ||
      (signal?.says === 'presence' && isText('of')) ||
      signal?.says === 'crowded';
    return isKnown ? (signal as NodeSignal) : null;
  } catch {
    return null;
  }
};

export const bytesOf = (data: ArrayBuffer | ArrayBufferView): Buffer =>
  data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
