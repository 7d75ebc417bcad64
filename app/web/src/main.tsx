import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startSentry } from './sentry.ts';
import { WebSocketClient } from './services/handlers/websocket/WebSocketClient.ts';
import { mirrorStatus } from './shell/mirror-status.ts';
import { createStore } from './store/store.ts';
import './styles/index.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html needs an element with the id "root".');

startSentry().catch((error: unknown) => console.warn('Sentry could not be started.', error));
mirrorStatus(WebSocketClient.getInstance().connection);
createRoot(root).render(
  <StrictMode>
    <App store={createStore()} />
  </StrictMode>,
);
