/** Where a subscriber's frames go: a WebSocket or an event stream. */
export interface Sink {
  /** @param cursor what the client hands back to go on after this frame; absent for control frames */
  send(text: string, cursor?: number): void;
  /** Bytes that were sent and that the client has not taken. */
  bufferedBytes(): number;
  /** Resolves when there is room again, or the client is gone. */
  drained(): Promise<void>;
  isOpen(): boolean;
  /** Ends a client that does not keep up; it is told its last cursor. */
  closeAsSlow(cursor: number): void;
  /** The service is going: the client is told when to come back. */
  drain(retryAfterMs: number): void;
}
