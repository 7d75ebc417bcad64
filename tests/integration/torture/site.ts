import type { Happening } from '../../simulation/delivery/history.ts';
import type { SiteFaults } from './fault-script.ts';

/** What happened in the store, and when, oldest first. */
export type Witnessed = readonly { readonly at: number; readonly happening: Happening }[];

/** Hears the code of each error that a server reports. */
export type Reported = (by: string, code: string) => void;

/** The servers of a run, behind the proxies of the users. */
export interface Site {
  /** What may happen to them. */
  readonly faults: SiteFaults;
  start(): Promise<void>;
  /** Where the next connection of a client goes: a load balancer asks. */
  nextPort(): number;
  /** Makes a fault of {@link faults} happen, and ends it after this time. */
  take(fault: string, on: string, forMs: number): Promise<void>;
  /** The app has no news of its own any more. */
  quiet(): void;
  /** Ends the servers as an operator does, and tells what the store has. `refOf` knows the names of keys. */
  end(refOf: (key: string) => string | undefined): Promise<Witnessed>;
  /** Leaves nothing that runs. */
  kill(): Promise<void>;
}
