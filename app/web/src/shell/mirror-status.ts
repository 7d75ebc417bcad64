import type { Connection } from 'statesocket';

/** Keeps the connection's status on `<html data-connection>`: for styles, and for tests that look at the page alone. */
export const mirrorStatus = (connection: Pick<Connection, 'status' | 'subscribe'>): void => {
  const mirror = () => {
    document.documentElement.dataset.connection = connection.status;
  };
  mirror();
  connection.subscribe(mirror);
};
