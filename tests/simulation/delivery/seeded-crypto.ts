import type { Random } from './random.ts';

/**
 * While `act` runs, the platform's `crypto.getRandomValues` draws from this source, so that the names that the code under
 * test makes up are the same in each run. One at a time in a process.
 */
export const withSeededCrypto = async <T>(random: Random, act: () => Promise<T>): Promise<T> => {
  const { crypto } = globalThis;
  const draw = <A extends ArrayBufferView>(array: A): A => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = random.below(256);
    return array;
  };
  Object.defineProperty(crypto, 'getRandomValues', { value: draw, configurable: true });
  try {
    return await act();
  } finally {
    Reflect.deleteProperty(crypto, 'getRandomValues');
  }
};
