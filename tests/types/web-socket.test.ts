import { WebSocket as MockSocket } from 'mock-socket';
import { createConnection, type WebSocketConstructor } from 'statesocket';
import { describe, expectTypeOf, it } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';

describe('the option WebSocket', () => {
  it("takes a browser's class, that of ws and that of mock-socket without a cast", () => {
    expectTypeOf(globalThis.WebSocket).toExtend<WebSocketConstructor>();
    expectTypeOf(NodeSocket).toExtend<WebSocketConstructor>();
    expectTypeOf(MockSocket).toExtend<WebSocketConstructor>();
    createConnection({ url: 'ws://x.test/', WebSocket: NodeSocket });
  });
});
