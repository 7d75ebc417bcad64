import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Room for a busy machine; nothing is asserted about speed.
configure({ asyncUtilTimeout: 10_000 });
afterEach(cleanup);
