/** Bytes of the studio by their address; an error that it answers with is thrown as such. */
import { AtelierError, WireError } from '#contract/errors.ts';
import { addressOf } from '../../session.ts';

/** Fetches an address of the studio; rejects where it does not answer with bytes. */
export type FetchBytes = (address: string) => Promise<ArrayBuffer>;

/** @throws AtelierError */
export async function fetchBytes(address: string): Promise<ArrayBuffer> {
  const response = await fetch(addressOf(address)).catch(() => null);
  if (response?.ok) return response.arrayBuffer();
  const wire = WireError.safeParse(await response?.json().catch(() => null));
  throw wire.success
    ? AtelierError.fromWire(wire.data)
    : new AtelierError(
        'BAD_REQUEST',
        `The studio did not answer${response ? ` (status ${response.status})` : ''}. Try again.`,
      );
}
