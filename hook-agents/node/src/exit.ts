/**
 * Flushes when the process is told to end or has nothing left to do, and then lets it end as it would have.
 * @param flush told whether to give up at the first failed attempt
 * @returns a function that ends this
 */
export function flushBeforeExit(flush: (untilFailure: boolean) => Promise<boolean>): () => void {
  let flushing = false;

  // What can't be sent now is in the spool, so an unreachable service must not hold up the end.
  const onBeforeExit = () => {
    process.off("beforeExit", onBeforeExit);
    void flush(true);
  };
  const onSigterm = () => {
    if (flushing) return;
    flushing = true;
    void flush(true).then(() => {
      stop();
      // Having listened took away what the signal does by itself; with other listeners it is theirs to decide.
      if (process.listenerCount("SIGTERM") === 0) process.kill(process.pid, "SIGTERM");
    });
  };
  const stop = () => {
    process.off("beforeExit", onBeforeExit);
    process.off("SIGTERM", onSigterm);
  };

  process.on("beforeExit", onBeforeExit);
  process.on("SIGTERM", onSigterm);
  return stop;
}
