import { EmptyScreen } from '../ui/empty-screen.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';

export function NotFoundPage() {
  usePageTitle('Not found');
  return <EmptyScreen title="There is nothing here" text="This address leads nowhere on RednGift." />;
}
