import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useConnection } from 'statesocket/react';
import { ChartIcon, CloseIcon } from '../ui/icons.tsx';

/** Loaded when somebody opens the drawer: nobody else pays for it. */
const ConnectionInspector = lazy(async () => ({
  default: (await import('statesocket/inspect')).ConnectionInspector,
}));

function Drawer({ onClose }: { onClose: () => void }) {
  const connection = useConnection();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const closeByKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <aside id="connection-drawer" className="drawer" aria-labelledby="drawer-title" onKeyDown={closeByKey}>
      <div className="drawer-head">
        <h2 id="drawer-title">Connection</h2>
        <button
          ref={close}
          type="button"
          className="button button-quiet"
          aria-label="Close"
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </div>
      <Suspense fallback={<p className="drawer-wait">Loading the inspector…</p>}>
        <ConnectionInspector connection={connection} />
      </Suspense>
    </aside>
  );
}

/** Opens the drawer that shows what the connection does, beside whatever else is on the screen. */
export function ConnectionDrawer() {
  const [isOpen, setIsOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setIsOpen(false);
    opener.current?.focus();
  };
  return (
    <>
      <button
        ref={opener}
        type="button"
        className="button button-quiet drawer-opener"
        aria-label="Look at the connection"
        aria-expanded={isOpen}
        aria-controls="connection-drawer"
        title="Look at the connection"
        onClick={() => (isOpen ? close() : setIsOpen(true))}
      >
        <ChartIcon />
      </button>
      {isOpen && <Drawer onClose={close} />}
    </>
  );
}
