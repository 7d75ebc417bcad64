const PROTOTYPES = [Object, Array, String, Number, Function, Map, Set, Promise].map(
  ({ prototype }) => prototype as object,
);

const namesOf = (): string =>
  JSON.stringify(PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String)));

/** Watches the prototypes that all objects share. */
export const watchPrototypes = (): { areAsBefore(): boolean } => {
  const before = namesOf();
  return { areAsBefore: () => namesOf() === before };
};
