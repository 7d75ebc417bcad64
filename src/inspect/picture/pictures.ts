import type { RecordedChart } from '../../recording/recording.ts';
import type { ChartPicture } from './chart-picture.ts';
import connection from './connection.json' with { type: 'json' };
import delivery from './delivery.json' with { type: 'json' };
import outbox from './outbox.json' with { type: 'json' };

/** The statecharts of a connection as they were laid out when statesocket was built (`npm run diagram`). */
export const PICTURES = {
  connection: connection as ChartPicture,
  delivery: delivery as ChartPicture,
  outbox: outbox as ChartPicture,
} as const;

/** The picture of a chart; all queues have the same. */
export const pictureOf = (chart: RecordedChart): ChartPicture =>
  PICTURES[chart === 'connection' || chart === 'delivery' ? chart : 'outbox'];
