/**
 * Set-up's voice: calm lines on stderr, never on stdout (that belongs to the command's own output).
 * A step that passes a few seconds says how far it is; one that does nothing says nothing.
 */
const started = Date.now();

/** Control characters of an argument or of an error are shown, as contract/visible.ts does; line breaks are ours. */
export function say(text) {
  const shown = text.replace(
    /[^\P{Cc}\n]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  process.stderr.write(`${shown}\n`);
}

/** A failure that ends set-up, or one part of it. The message is one sentence that says what to do. */
export class SetupError extends Error {}

export const seconds = (milliseconds) => {
  const whole = Math.round(milliseconds / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
};
export const megabytes = (bytes) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
export const sinceStart = () => seconds(Date.now() - started);

/**
 * Announces a step, repeats `describe()` every few seconds while it runs, and says how long it took.
 * @template T
 * @param {string} title
 * @param {(progress: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work, { every = 4000 } = {}) {
  const begun = Date.now();
  let latest = '';
  let said = '';
  say(`· ${title}`);
  let quietUntil = begun + every;
  const timer = setInterval(() => {
    // Without news the lines grow rare: after 4, 8, 16, 32 s and every 30 s then.
    if (Date.now() < quietUntil - 100 || (latest && latest === said)) return;
    quietUntil = Date.now() + (latest ? every : Math.min(Date.now() - begun, 30_000));
    said = latest;
    say(`  ${title}: ${latest || 'still at it'} (${seconds(Date.now() - begun)})`);
  }, every);
  timer.unref();
  try {
    const result = await work((text) => (latest = text));
    if (Date.now() - begun > 1500) say(`  ${title}: done in ${seconds(Date.now() - begun)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** "120 of 274 MB, 12 s left" for a transfer begun at `begun` (milliseconds since 1970). */
export function transferText(done, total, begun, before = 0) {
  if (!total) return megabytes(done);
  const rate = (done - before) / Math.max(1, Date.now() - begun);
  const left = rate > 0 ? `, ${seconds((total - done) / rate)} left` : '';
  return `${Math.round(done / 1e6)} of ${megabytes(total)}${left}`;
}
