import type { ReactNode } from 'react';

const icon = (shape: ReactNode) =>
  function Icon() {
    return (
      <svg
        className="icon"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {shape}
      </svg>
    );
  };

export const GiftIcon = icon(
  <>
    <rect x="4" y="11" width="16" height="9" rx="1.5" />
    <path d="M3 8.5h18V11H3zM12 8.5V20M12 8.5c-2-4.5-6.5-4.5-6.5-1.8 0 1.8 3 1.8 6.5 1.8ZM12 8.5c2-4.5 6.5-4.5 6.5-1.8 0 1.8-3 1.8-6.5 1.8Z" />
  </>,
);
export const HatIcon = icon(
  <>
    <path d="M5 17c0-7 3.5-12 8-12 3.5 0 5.5 3 6 8" />
    <circle cx="19" cy="14.5" r="1.8" />
    <rect x="3" y="16.5" width="14" height="3.5" rx="1.75" />
  </>,
);
export const SendIcon = icon(<path d="m4 12 16-7.5-5.5 16-3-6.5L4 12Zm7.5 2L20 4.5" />);
export const PictureIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
    <circle cx="9" cy="10" r="1.6" />
    <path d="m4.5 18 5-4.5 3 2.5 3.5-4 4.5 5" />
  </>,
);
export const BackIcon = icon(<path d="M14.5 5.5 8 12l6.5 6.5" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CloseIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const LogoutIcon = icon(
  <path d="M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15 8l4 4-4 4M19 12H9.5" />,
);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </>,
);
export const DownIcon = icon(<path d="m6 9.5 6 6 6-6" />);
export const ChartIcon = icon(
  <>
    <rect x="3" y="4" width="7" height="5" rx="1.5" />
    <rect x="14" y="4" width="7" height="5" rx="1.5" />
    <rect x="8.5" y="15" width="7" height="5" rx="1.5" />
    <path d="M10 6.5h4M6.5 9v3.5H12V15M17.5 9v3.5H12" />
  </>,
);
