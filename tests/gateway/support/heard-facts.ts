import type { GatewayFact, GatewayFigures, GatewayObserver } from '../../../src/gateway/index.ts';
import { GATEWAY_FACTS } from '../../../src/gateway/index.ts';
import type { FactDefinition } from '../../../src/gateway/observation/gateway-facts.ts';

/** An observer that keeps what it hears, and throws where a label is none that is listed. */
export interface HeardFacts {
  readonly observer: GatewayObserver;
  /** How often, or how many, by fact and label: `dial.refused origin`. Of a duration how often. */
  readonly counts: Readonly<Record<string, number>>;
  /** The values of a fact, in order. */
  valuesOf(fact: GatewayFact, label?: string): readonly number[];
  /** What the gateway says of itself now. */
  figures(): GatewayFigures;
}

export const hearFacts = (): HeardFacts => {
  const heard: { readonly fact: GatewayFact; readonly value: number; readonly label: string }[] = [];
  const attached: GatewayFigures[] = [];
  const isListed = (fact: GatewayFact, label: string) => {
    const { label: listed }: FactDefinition = GATEWAY_FACTS[fact];
    return listed === null ? label === '' : listed.values.includes(label);
  };
  return {
    observer: {
      attach: (figures) => void attached.push(figures),
      record(fact, value, label) {
        if (!isListed(fact, label)) throw new Error(`${fact} has no label ${label}`);
        heard.push({ fact, value, label });
      },
    },
    get counts() {
      const counts: Record<string, number> = {};
      for (const { fact, value, label } of heard) {
        const name = label === '' ? fact : `${fact} ${label}`;
        counts[name] = (counts[name] ?? 0) + (GATEWAY_FACTS[fact].kind === 'count' ? value : 1);
      }
      return counts;
    },
    valuesOf: (name, only = '') =>
      heard
        .filter(({ fact, label }) => fact === name && (only === '' || label === only))
        .map(({ value }) => value),
    figures: () => attached[0] as GatewayFigures,
  };
};
