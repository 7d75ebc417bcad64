import { onTestFinished, vi } from 'vitest';
import { createTickets } from '../../../../app/server/accounts/tickets.ts';
import { createAnnouncementOutbox } from '../../../../app/server/announcing/announcement-outbox.ts';
import type { Database } from '../../../../app/server/database/open-database.ts';
import { createLimits } from '../../../../app/server/limits/limits.ts';

/** What the HTTP side is made of, without a gateway: what is said goes to `publish`. */
export const bareServices = (db: Database, { publish = vi.fn(), log = vi.fn() } = {}) => {
  const publisher = { publish, publishVolatile: vi.fn(), isOnline: () => false };
  const changes = createAnnouncementOutbox({ db, publisher, log });
  onTestFinished(() => changes.close());
  return {
    ...createLimits(),
    db,
    changes,
    log,
    gateway: { disconnectUser: vi.fn() },
    tickets: createTickets(),
    passwords: {
      hash: vi.fn(async () => 'salt.key'),
      verify: vi.fn<() => Promise<boolean>>(),
      close: vi.fn<() => Promise<void>>(),
    },
    addressOf: () => '1.2.3.4',
  };
};
