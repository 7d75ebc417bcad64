import { createAction } from '@reduxjs/toolkit';

/** The user is gone: every slice that holds anything of theirs goes back to its beginning. */
export const sessionEnded = createAction('session/ended');
