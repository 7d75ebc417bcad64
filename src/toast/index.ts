'use client';

/**
 * Toasts for what happens on a connection. Needs react and react-toastify.
 * @module statesocket/toast
 */
export type { BridgeOptions } from '../bridge/bridge-options.ts';
export { bridgeToToasts } from './bridge-to-toasts.ts';
export type { MessageToast, ToastLevel, ToastPolicy, ToastText } from './toast-policy.ts';
export { MAX_TOAST_TEXT_COUNT } from './toast-slots.ts';
export { useToastBridge } from './use-toast-bridge.ts';
