/** Waits for somebody's answer, unless the process is asked to end: for what changes nothing and can be left at any time. */

/** @throws Error once the signal is aborted, and whatever the work throws */
export async function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => {
    stopped.reject(new Error('Stopped.'));
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
