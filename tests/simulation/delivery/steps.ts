import type { StorageMood } from './browser.ts';
import type { EngineKind, Mishap } from './engines/engine-kind.ts';
import type { Mood } from './history.ts';
import type { CallName, StoreMood } from './node-engine.ts';
import type { HttpMood } from './page.ts';

/** What people do. `tab`: the how-manieth living page of that person, counted round. */
export type Deed =
  | {
      readonly do: 'say';
      readonly user: string;
      readonly tab: number;
      readonly to: readonly string[];
      readonly parts: number;
      readonly mood: Mood;
      readonly count: number;
    }
  | { readonly do: 'nudge'; readonly user: string; readonly tab: number; readonly to: readonly string[] }
  /** The app itself has news. */
  | { readonly do: 'announce'; readonly to: readonly string[]; readonly count: number }
  | { readonly do: 'shut' }
  | { readonly do: 'unshut' }
  | {
      readonly do: 'retry' | 'discard' | 'disconnect' | 'logout' | 'connect';
      readonly user: string;
      readonly tab: number;
    }
  | { readonly do: 'open tab'; readonly user: string };

/** What goes wrong. `for`: how many ms it lasts. */
export type Fault =
  /** Both sides learn of it at once. */
  | { readonly fault: 'reset'; readonly user: string; readonly tab: number }
  /** One side learns of it at once, the other after this long. */
  | { readonly fault: 'cut'; readonly user: string; readonly tab: number; readonly for: number }
  | { readonly fault: 'cut by server'; readonly user: string; readonly tab: number; readonly for: number }
  | { readonly fault: 'cut in a burst'; readonly user: string; readonly tab: number; readonly count: number }
  /** Nothing goes through any more in one direction, or either, and nobody is told. */
  | {
      readonly fault: 'half-open';
      readonly user: string;
      readonly tab: number;
      readonly way: 'up' | 'down' | 'both';
    }
  /** The client is gone and on a new socket, while what it sent on the old one arrives late. */
  | { readonly fault: 'zombie'; readonly user: string; readonly tab: number; readonly for: number }
  | {
      readonly fault: 'stall' | 'delay';
      readonly user: string;
      readonly tab: number;
      readonly way: 'up' | 'down';
      /** It begins when this much has arrived; from now on where it is absent. */
      readonly after?: number;
      readonly for: number;
    }
  | { readonly fault: 'offline'; readonly user: string; readonly for: number }
  | { readonly fault: 'sleep' | 'suspend'; readonly user: string; readonly tab: number; readonly for: number }
  | { readonly fault: 'clock jump'; readonly user: string; readonly tab: number; readonly ms: number }
  | {
      readonly fault: 'reload tab' | 'close tab' | 'duplicate tab';
      readonly user: string;
      readonly tab: number;
    }
  | { readonly fault: 'storage'; readonly user: string; readonly mood: StorageMood; readonly for: number }
  | { readonly fault: 'storage cleared'; readonly user: string }
  | { readonly fault: 'http'; readonly user: string; readonly mood: HttpMood; readonly for: number }
  | { readonly fault: 'stumble'; readonly user: string; readonly tab: number; readonly times: number }
  | { readonly fault: 'crash' | 'drain'; readonly node: number; readonly for: number }
  | {
      readonly fault: 'crash at a call';
      readonly node: number;
      readonly call: CallName | 'any';
      readonly skipCount: number;
      readonly moment: 'before' | 'after';
    }
  | { readonly fault: 'node freezes' | 'doorbells lost'; readonly node: number; readonly for: number }
  | { readonly fault: 'node clock jump'; readonly node: number; readonly ms: number }
  | { readonly fault: 'store'; readonly node: number; readonly mood: StoreMood; readonly for: number }
  /** Somebody uses a number of a command again, with another key: a broken page of this user's, or a hostile one. */
  | { readonly fault: 'reused number'; readonly user: string }
  /** One clientId on two sockets, of which the second knows only the last command. */
  | { readonly fault: 'two sockets, one client'; readonly user: string }
  /** The store breaks its contract: it answers a position that it has forgotten from the oldest message that it knows. */
  | { readonly fault: 'store guesses'; readonly user: string }
  /** The next requests of this node to its store end like this. */
  | { readonly fault: 'requests'; readonly node: number; readonly mishap: Mishap; readonly count: number }
  | { readonly fault: 'channel lost'; readonly node: number; readonly for: number }
  | {
      readonly fault: 'store stands still' | 'store restarts' | 'rings late' | 'disk full';
      readonly for: number;
    }
  | { readonly fault: 'store fails over'; readonly for: number; readonly count: number }
  | { readonly fault: 'slot held'; readonly user: string; readonly for: number }
  /** One node disconnects a user, at all of them. */
  | { readonly fault: 'kick'; readonly user: string; readonly by: number }
  | { readonly fault: 'trim'; readonly user: string; readonly maxCount: number }
  | { readonly fault: 'tail lost'; readonly user: string; readonly count: number };

export type FaultName = Fault['fault'];

/** A deed or a fault, and when: at a moment, or before the so-manieth thing that happens in the world. */
export type Step = (Deed | Fault) & ({ readonly atMs: number } | { readonly atStep: number });

/** All that decides a run. */
export interface Plan {
  readonly seed: string;
  readonly users: readonly string[];
  readonly nodeCount: number;
  /** Whose transactions the store has. Without one each call takes effect as it comes, and no node knows of another. */
  readonly engine?: EngineKind;
  /** Whether outboxes outlive their pages. */
  readonly keeps: boolean;
  /** How many messages of a log are kept. */
  readonly retainedCount: number;
  readonly latencyMs: readonly [number, number];
  /** The cap of each outbox. */
  readonly maxCount: number;
  /** The server knows nothing of the extension. `own welcome`: it has a message of its own of that name. */
  readonly plain?: 'silent' | 'own welcome';
  readonly steps: readonly Step[];
  /** When faults stop. */
  readonly healAtMs: number;
}
