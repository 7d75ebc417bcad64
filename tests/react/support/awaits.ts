import * as React from 'react';

const values = new WeakMap<object, unknown>();

/** What React before 19 has in place of `use`: throws a promise until it is fulfilled. */
const suspends = <T>(promise: Promise<T>): T => {
  if (values.has(promise)) return values.get(promise) as T;
  throw promise.then((value) => values.set(promise, value));
};

/** Suspends the component that calls it until the promise is fulfilled, in each React that the package promises. */
export const awaits: <T>(promise: Promise<T>) => T =
  'use' in React ? (promise) => React.use(promise) : suspends;
