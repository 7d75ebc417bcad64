/** A stand-in for the platform's WebSocket: no network, so that what is weighed and counted is ours alone. */
export class SilentWebSocket {
  /** The one made last. */
  static last = null;
  readyState = 0;
  binaryType = 'blob';
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor() {
    SilentWebSocket.last = this;
  }
  open() {
    this.readyState = 1;
    this.onopen?.({});
  }
  send() {}
  close() {
    this.readyState = 3;
  }
}
