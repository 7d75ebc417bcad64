import { useRef, useState } from 'react';
import { CloseCode, closeDispositionOf } from '../../protocol/close-codes.ts';
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
import type { Moment } from '../moments.ts';

interface ActionsProps {
  readonly connection: InspectedConnection;
  /** How the connection stands now. */
  readonly moment: Moment | undefined;
}

const fire = ({ actor }: InspectedConnection, { events }: Pick<Fault, 'events'>): void => {
  for (const event of events) actor.send(event);
};

/** Whether the chart would do anything about it. */
const isHeard = ({ actor }: InspectedConnection, { events }: Fault): boolean => {
  const snapshot = actor.getSnapshot();
  return snapshot.status === 'active' && events.some((event) => snapshot.can(event));
};

const FaultButton = ({ connection, fault }: { connection: InspectedConnection; fault: Fault }) => (
  <button
    type="button"
    title={fault.about}
    disabled={!isHeard(connection, fault)}
    onClick={() => fire(connection, fault)}
  >
    {fault.name}
  </button>
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
export function Actions({ connection, moment }: ActionsProps) {
  // After a logout the connection no longer knows whose it was.
  const lastUser = useRef<string | null>(null);
  lastUser.current = connection.userId ?? lastUser.current;
  const { status } = connection.getSnapshot();
  const isOffline = moment !== undefined && !moment.facts.online;
  const isSuspended = moment?.states.connection.has('backoff.suspended') === true;
  const connect = () => {
    if (lastUser.current !== null) connection.connect({ userId: lastUser.current });
  };
  const hasUser = connection.userId !== null;
  return (
    <>
      <fieldset className="row" aria-label="Wishes">
        <button
          type="button"
          title="The same user connects again."
          disabled={lastUser.current === null || (hasUser && status !== 'failed')}
          onClick={connect}
        >
          Connect
        </button>
        <button
          type="button"
          title="The person does not want to wait."
          disabled={status !== 'backoff' && status !== 'failed'}
          onClick={() => connection.retry()}
        >
          Retry
        </button>
        <button type="button" disabled={!hasUser} onClick={() => connection.disconnect()}>
          Disconnect
        </button>
        <button type="button" disabled={status === 'loggedOut'} onClick={() => connection.logout()}>
          Log out
        </button>
      </fieldset>
      <fieldset className="row" aria-label="Faults">
        <FaultButton connection={connection} fault={CLOSE_CLEAN} />
        <FaultButton connection={connection} fault={CLOSE_ABNORMAL} />
        <FaultButton connection={connection} fault={CLOSE_UNAUTHENTICATED} />
        <FaultButton connection={connection} fault={STALL} />
        <FaultButton connection={connection} fault={isOffline ? ONLINE : OFFLINE} />
        <FaultButton connection={connection} fault={isSuspended ? RESUME : FREEZE} />
        <FaultButton connection={connection} fault={SHOW} />
        <CloseWithCode connection={connection} />
      </fieldset>
    </>
  );
}
