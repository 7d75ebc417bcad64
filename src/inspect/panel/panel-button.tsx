import type { ButtonHTMLAttributes } from 'react';

export interface PanelButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'type'> {
  /** Whether pressing it does anything now. */
  readonly isIdle?: boolean;
}

/** A button that keeps the focus when it has nothing more to do: one that is `disabled` loses it, and the keyboard with it. */
export function PanelButton({ isIdle = false, onClick, ...rest }: PanelButtonProps) {
  return <button {...rest} type="button" aria-disabled={isIdle} onClick={isIdle ? undefined : onClick} />;
}
