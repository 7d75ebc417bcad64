import { type Action, combineReducers, configureStore } from '@reduxjs/toolkit';
import { useDispatch, useSelector, useStore } from 'react-redux';
import { connectionSlice } from 'statesocket/redux';
import { chatSlice } from './chat-slice.ts';
import { groupsSlice } from './groups-slice.ts';
import { invitationsSlice } from './invitations-slice.ts';
import { presenceSlice } from './presence-slice.ts';
import { typingSlice } from './typing-slice.ts';

const reducer = combineReducers({
  chat: chatSlice.reducer,
  connection: connectionSlice.reducer,
  groups: groupsSlice.reducer,
  invitations: invitationsSlice.reducer,
  presence: presenceSlice.reducer,
  typing: typingSlice.reducer,
});

/** Redux DevTools list what the connection became: `connection/connectionChanged: open`. */
const actionSanitizer = <A extends Action>(action: A): A =>
  connectionSlice.actions.connectionChanged.match(action)
    ? { ...action, type: `${action.type}: ${action.payload.status}` }
    : action;

/** A store for one page. Tests make one each. */
export const createStore = () => configureStore({ reducer, devTools: { actionSanitizer } });

export type AppStore = ReturnType<typeof createStore>;
export type RootState = ReturnType<typeof reducer>;
export type AppDispatch = AppStore['dispatch'];

export const useAppDispatch = useDispatch.withTypes<AppDispatch>();
export const useAppSelector = useSelector.withTypes<RootState>();
export const useAppStore = useStore.withTypes<AppStore>();
