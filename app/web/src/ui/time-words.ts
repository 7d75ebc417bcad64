const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

const midnightOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
const isYesterday = (at: number, now: number): boolean => {
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  return midnightOf(at) === midnightOf(yesterday.getTime());
};

export const isSameDay = (a: number, b: number): boolean => midnightOf(a) === midnightOf(b);

/** "14:03". All times are epoch ms. */
export const describeTime = (at: number): string => clockTime.format(at);

/** "Today", "Yesterday", "Tuesday, 24 November". */
export const describeDay = (at: number, now: number = Date.now()): string => {
  if (isSameDay(at, now)) return 'Today';
  return isYesterday(at, now) ? 'Yesterday' : dayAndMonth.format(at);
};

/** "14:03" today, "24 Nov" before. */
export const describeTimeOrDay = (at: number, now: number = Date.now()): string =>
  isSameDay(at, now) ? describeTime(at) : shortDay.format(at);
