import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createConnection } from 'statesocket';
import {
  ConnectionProvider,
  useConnection,
  useConnectionSnapshot,
  useConnectionStatus,
  useDelivery,
  useMessage,
  useOutbox,
  useSend,
} from 'statesocket/react';

const connection = createConnection({ url: `ws://${location.host}/connect/a-token/` });

const NAMES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** One of ten, each with every hook. */
function Listener({ name }: { name: number }) {
  const [heard, setHeard] = useState(0);
  const send = useSend();
  const status = useConnectionStatus();
  const { retryCount } = useConnectionSnapshot();
  const { appliedCount } = useDelivery();
  const waitingCount = useOutbox().length;
  const isShared = useConnection() === connection;
  useMessage('HELLO', () => setHeard((count) => count + 1));
  return (
    <li>
      {name}: {status}, shared {String(isShared)}, heard {heard}, retries {retryCount}, waiting {waitingCount}
      , applied {appliedCount}
      <button type="button" onClick={() => send({ type: 'HELLO' })}>
        say {name}
      </button>
    </li>
  );
}

function Page() {
  return (
    <ConnectionProvider connection={connection} userId="ada">
      <ul>
        {NAMES.map((name) => (
          <Listener key={name} name={name} />
        ))}
      </ul>
    </ConnectionProvider>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
