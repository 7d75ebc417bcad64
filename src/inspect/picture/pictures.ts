import type { RecordedChart } from '../../recording/recording.ts';
import type { ChartPicture } from './chart-picture.ts';
import connection from './connection.json' with { type: 'json' };
import delivery from './delivery.json' with { type: 'json' };

/** The statecharts of a connection as they were laid out when statesocket was built (`npm run diagram`). */
export const PICTURES: Readonly<Record<RecordedChart, ChartPicture>> = {
  connection: connection as ChartPicture,
  delivery: delivery as ChartPicture,
};
