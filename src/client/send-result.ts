/**
 * What became of a message given to `send`.
 * - `sent`: handed to the socket. A plain server does not confirm receipt.
 * - `queued`: durable (option `delivery`), and kept until it can be sent; see `connection.outbox`.
 * - `refused`: not accepted; the reason was reported through `onError`.
 */
export type SendResult = 'sent' | 'queued' | 'refused';
