import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Node's own WebSocket (undici's), with a `terminate()`: each socket dials with a dispatcher of its own, whose TCP socket it knows. */
export const terminableWebSocket = () => {
  // Node makes the dispatcher when it first needs one.
  void fetch('data:,');
  const { constructor: Agent } = globalThis[Symbol.for('undici.globalDispatcher.1')];
  return class extends WebSocket {
    #tcp;
    constructor(url, protocols = []) {
      const holder = { tcp: null };
      const dispatcher = new Agent({
        connect({ protocol, hostname, port, servername }, done) {
          const isTls = protocol === 'https:';
          const options = { host: hostname, port: port || (isTls ? 443 : 80) };
          const tcp = isTls
            ? connectTls({ ...options, servername: servername ?? hostname, ALPNProtocols: ['http/1.1'] })
            : connect(options);
          tcp
            .once(isTls ? 'secureConnect' : 'connect', () => done(null, tcp))
            .once('error', (error) => done(error, null));
          holder.tcp = tcp;
        },
      });
      super(url, { protocols, dispatcher });
      this.#tcp = holder;
    }
    terminate() {
      this.#tcp.tcp?.destroy();
    }
  };
};
