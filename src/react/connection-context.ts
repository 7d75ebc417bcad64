import { createContext } from 'react';
import type { RegisteredConnection } from './register.ts';

/** The connection of the nearest `ConnectionProvider`; null outside one. */
export const ConnectionContext = createContext<RegisteredConnection | null>(null);
