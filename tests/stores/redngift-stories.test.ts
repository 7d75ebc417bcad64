/**
 * RednGift on Postgres: the stories of tests/app/server, told again. Its rows are in the database, and so are the logs; what a change
 * says is committed with it.
 */
import '../app/server/chat.test.ts';
import '../app/server/durable-commands.test.ts';
import '../app/server/groups.test.ts';
import '../app/server/images.test.ts';
import '../app/server/presence.test.ts';
import '../app/server/raffle.test.ts';
