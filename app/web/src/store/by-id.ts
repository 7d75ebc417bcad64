/** A record keyed by ids from the wire. It has no prototype, so that no id ('__proto__', 'constructor') means more. */
export const byId = <T>(): Record<string, T> => Object.create(null);
