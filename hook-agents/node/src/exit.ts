export interface Ending {
  /** Resolves when everything is sent, an attempt failed or the time is over. */
  readonly flush: () => Promise<unknown>;
  /** Leaves the spool to the next process; synchronous. */
  readonly release: () => void;
}

/**
 * Flushes when the process is told to end or has nothing left to do, and then lets it end as it would have.
 * @returns a function that ends this
 */
export function flushBeforeExit({ flush, release }: Ending): () => void {
  let flushing = false;

  const onBeforeExit = () => {
    process.off("beforeExit", onBeforeExit);
    void flush();
  };
  const onSigterm = () => {
    if (flushing) return;
    flushing = true;
    void flush().then(() => {
      process.off("SIGTERM", onSigterm);
      // Having listened took away what the signal does by itself; with other listeners it is theirs to decide.
      if (process.listenerCount("SIGTERM") > 0) return;
      release();
      process.kill(process.pid, "SIGTERM");
    });
  };
  process.on("beforeExit", onBeforeExit);
  process.on("SIGTERM", onSigterm);
  process.on("exit", release);

  return () => {
    process.off("beforeExit", onBeforeExit);
    process.off("SIGTERM", onSigterm);
    process.off("exit", release);
  };
}
