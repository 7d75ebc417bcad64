/** How many sockets a user has on all nodes together, before and after a node told of its own. */
export interface Placed {
  readonly before: number;
  readonly after: number;
}

/** What one node hears of the others. Neither may throw. */
export interface NodeListener {
  /** Another node says this to these users, each of whom has a socket here. */
  hear(userIds: readonly string[], text: string): void;
  /**
   * These users came online or went offline, and no call of `place` has told it: a node died, was taken for dead, or left. One of
   * the nodes is told, so that it tells others.
   */
  changed(userIds: readonly string[]): void;
}

/** One node (a gateway, as a rule a process) among those over the same engine. */
export interface NodeChannel {
  /**
   * Says something, at once or soon, to each other node that has a socket of one of these users. What one node says to another comes
   * in order. It is live: what cannot be said is lost, and nobody is told.
   */
  say(userIds: readonly string[], text: string): void;
  /** Whether there is nobody who could hear: spares the gateway what it would say. @default not known */
  isAlone?(): boolean;
  /** How many sockets a user has at this node from now on; 0: none. Calls of one user take effect in their order. */
  place(userId: string, socketCount: number): Promise<Placed>;
  /** Which of these users have a socket at any node. */
  online(userIds: readonly string[]): Promise<readonly string[]>;
  /** This node leaves. Its sockets do not count any more, at once or when its lease has ended. */
  close(): Promise<void>;
}

/**
 * The last third of an engine: how a gateway learns that there is news, and what several gateways say to each other. An engine
 * may take the doorbell of another: see `withDoorbell`.
 *
 * All of it may be lost, but for what `place` keeps: a lost ring costs a heartbeat, a lost word is a volatile message.
 */
export interface Doorbell {
  /**
   * Calls `doorbell` after each append to this user's log, by whatever process. It says that there may be news, not what: it may
   * ring without any. An engine that takes time to subscribe rings once when it has.
   *
   * @returns Ends it.
   */
  subscribe(userId: string, doorbell: () => void): () => void;
  /** Rings for each of these users, at every node: for an engine that takes this doorbell. Must not throw. */
  ring?(userIds: readonly string[]): void;
  /**
   * Joins the other nodes. Called by each gateway once. The place of a node that dies ends with a lease, of 30 s at most.
   *
   * Without it each gateway is alone: presence, `disconnectUser`, volatile messages and the number of a user's sockets are those
   * of its own process.
   */
  openChannel?(listener: NodeListener): NodeChannel;
}
