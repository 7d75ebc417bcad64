import { createAppSignals, type SignalSource } from '../actors/app-signals.ts';
import { createSignals, platformSignals, type Signals } from '../actors/signals.ts';
import type { StatesocketError } from '../protocol/errors.ts';

/** Where a connection hears of the page and the network: from the app's own sources, where it has given some. */
export const connectionSignals = (
  source: SignalSource | undefined,
  report: (error: StatesocketError) => void,
): Signals => (source === undefined ? createSignals(platformSignals) : createAppSignals(source, report));
