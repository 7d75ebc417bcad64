import { useRef, useState } from 'react';
import { CloseCode } from '../../protocol/close-codes.ts';
import { closeDispositionOf } from '../../protocol/close-disposition.ts';
import {
  CLOSE_ABNORMAL,
  CLOSE_CLEAN,
  CLOSE_UNAUTHENTICATED,
  closeWith,
  type Fault,
  FREEZE,
  OFFLINE,
  ONLINE,
  RESUME,
  SHOW,
  STALL,
} from '../faults.ts';
import type { InspectedConnection } from '../live-source.ts';
import { PanelButton } from './panel-button.tsx';

const fire = ({ actor }: InspectedConnection, { events }: Pick<Fault, 'events'>): void => {
  for (const event of events) actor.send(event);
};

/** Whether the chart would do anything about it. */
const isHeard = ({ actor }: InspectedConnection, { events }: Fault): boolean => {
  const snapshot = actor.getSnapshot();
  return snapshot.status === 'active' && events.some((event) => snapshot.can(event));
};

const FaultButton = ({ connection, fault }: { connection: InspectedConnection; fault: Fault }) => (
  <PanelButton
    title={fault.about}
    isIdle={!isHeard(connection, fault)}
    onClick={() => fire(connection, fault)}
  >
    {fault.name}
  </PanelButton>
);

const OTHER_CODES = Object.values(CloseCode).filter(
  (code) => code !== CloseCode.Normal && code !== CloseCode.Abnormal && code !== CloseCode.Unauthenticated,
);

const CloseWithCode = ({ connection }: { connection: InspectedConnection }) => {
  const [code, setCode] = useState<number>(CloseCode.Restart);
  const fault = { name: 'Close', about: closeDispositionOf(code).words, events: [closeWith(code, true)] };
  return (
    <span className="row with-code">
      <select aria-label="Close code" value={code} onChange={({ target }) => setCode(Number(target.value))}>
        {OTHER_CODES.map((each) => (
          <option key={each} value={each}>
            {`${each} ${closeDispositionOf(each).words}`}
          </option>
        ))}
      </select>
      <FaultButton connection={connection} fault={fault} />
    </span>
  );
};

/** What a person may wish for, and what may happen to the connection: each button tells the chart, which decides. */
export function Actions({ connection }: { connection: InspectedConnection }) {
  // After a logout the connection no longer knows whose it was.
  const lastUser = useRef<string | null>(null);
  lastUser.current = connection.userId ?? lastUser.current;
  const chart = connection.actor.getSnapshot();
  const { status } = connection.getSnapshot();
  const hasEnded = chart.status !== 'active';
  const hasUser = connection.userId !== null;
  const isSettled = hasUser && status !== 'failed';
  const connect = () => {
    if (lastUser.current !== null) connection.connect({ userId: lastUser.current });
  };
  return (
    <>
      <fieldset className="row" aria-label="Wishes">
        <PanelButton
          title="The same user connects again."
          isIdle={hasEnded || lastUser.current === null || isSettled}
          onClick={connect}
        >
          Connect
        </PanelButton>
        <PanelButton
          title="The person does not want to wait."
          isIdle={hasEnded || (status !== 'backoff' && status !== 'failed')}
          onClick={() => connection.retry()}
        >
          Retry
        </PanelButton>
        <PanelButton isIdle={hasEnded || !hasUser} onClick={() => connection.disconnect()}>
          Disconnect
        </PanelButton>
        <PanelButton isIdle={hasEnded || status === 'loggedOut'} onClick={() => connection.logout()}>
          Log out
        </PanelButton>
      </fieldset>
      <fieldset className="row" aria-label="Faults">
        <FaultButton connection={connection} fault={CLOSE_CLEAN} />
        <FaultButton connection={connection} fault={CLOSE_ABNORMAL} />
        <FaultButton connection={connection} fault={CLOSE_UNAUTHENTICATED} />
        <FaultButton connection={connection} fault={STALL} />
        <FaultButton connection={connection} fault={chart.context.online ? OFFLINE : ONLINE} />
        <FaultButton
          connection={connection}
          fault={chart.matches({ backoff: 'suspended' }) ? RESUME : FREEZE}
        />
        <FaultButton connection={connection} fault={SHOW} />
        <CloseWithCode connection={connection} />
      </fieldset>
    </>
  );
}
