import type { Frame, Member } from './command.ts';

/** No valid message: in a batch because batches do not nest, alone because it holds no array. */
const NESTED = 'BATCH';

const memberText = ({ is, id }: Member, serial: string): string => {
  const type = is === 'nested' ? NESTED : is === 'untyped' ? undefined : is;
  return JSON.stringify({ type, id, serial });
};

/** What arrives on the socket. Each message carries the serial by which the log knows it. */
export const frameData = (frame: Frame, serial: number): unknown => {
  switch (frame.of) {
    case 'bytes':
      return new ArrayBuffer(2);
    case 'blob':
      return { size: 2 };
    case 'text':
      return 'not JSON';
    case 'poison':
      return '{"type":"A","__proto__":{"isAdmin":true}}';
    default: {
      const members = frame.members.map((member, index) => memberText(member, `${serial}.${index}`));
      if (frame.of === 'one') return members[0];
      return frame.of === 'array' ? `[${members}]` : `{"type":"BATCH","messages":[${members}]}`;
    }
  }
};
