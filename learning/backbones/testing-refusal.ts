/** For tests only: that a file is refused as such, and not by chance. */
import { expect } from 'vitest';
import { AtelierError } from '#contract/errors.ts';

export function isRefusal(error: unknown): void {
  expect(error).toBeInstanceOf(AtelierError);
  expect((error as AtelierError).code).toBe('BACKBONE_REFUSED');
}

/** @param message a part of what the error says; all of it is to be read at a glance */
export async function refused(reading: Promise<unknown>, message: string | RegExp): Promise<void> {
  const thrown: unknown = await reading.then(
    () => null,
    (error: unknown) => error,
  );
  isRefusal(thrown);
  const { message: told } = thrown as AtelierError;
  if (typeof message === 'string') expect(told).toContain(message);
  else expect(told).toMatch(message);
  expect(told.length).toBeLessThan(1000);
}
