/**
 * Served studios that run on this machine, each in a private file of the person's, so that another terminal can ask one for a
 * fresh address. The file holds a secret that never travels: both sides prove that they know it, so a stranger's server
 * on the same port learns nothing and is not believed.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { stateFile } from '../app-root.ts';
import { makeFolder } from '../places.ts';
import { newSecret, proofOf, sameSecret } from './secrets.ts';

const RunningStudio = z.object({
  port: z.int(),
  /** Address and port to ask at. */
  host: z.string(),
  pid: z.int(),
  machine: z.string(),
  startedAt: z.string(),
  /** What it was started with; null where nothing was. */
  project: z.string().nullable(),
  secret: z.string(),
});
export type RunningStudio = z.infer<typeof RunningStudio>;

/** Where the command line asks. */
export const freshAddressPath = '/new-address';
/** Header of the question: a number used once, a dot, and the proof. */
export const askHeader = 'x-atelier-ask';
const Answer = z.object({ url: z.string(), proof: z.string() });

const folderOfStudios = () => join(dirname(stateFile()), 'served');

export interface Announced {
  /** The answer to a question of `askForAddress`; null where it does not prove that it may ask. */
  answer(question: string, freshUrl: () => string): { url: string; proof: string } | null;
  remove(): void;
}

/** Writes the file of this studio. @throws what the system says: then no other terminal can ask */
export function announce(where: { port: number; host: string; project: string | null }): Announced {
  const secret = newSecret();
  const folder = folderOfStudios();
  makeFolder(dirname(folder));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = join(folder, `${where.port}.json`);
  const studio: RunningStudio = {
    ...where,
    pid: process.pid,
    machine: hostname(),
    startedAt: new Date().toISOString(),
    secret,
  };
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, JSON.stringify(studio), { mode: 0o600, flag: 'wx' });
  renameSync(part, file);
  return {
    answer(question, freshUrl) {
      const [nonce = '', proof = ''] = question.split('.');
      if (nonce === '' || !sameSecret(proof, proofOf(secret, 'ask', nonce))) return null;
      const url = freshUrl();
      return { url, proof: proofOf(secret, 'answer', nonce, url) };
    },
    remove: () => rmSync(file, { force: true }),
  };
}

/** Those of this machine whose process lives. Files of others that ended are removed. */
export function runningStudios(): RunningStudio[] {
  const folder = folderOfStudios();
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const studio = RunningStudio.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      if (studio.machine !== hostname()) return [];
      if (isAlive(studio.pid)) return [studio];
      rmSync(join(folder, name), { force: true });
    } catch {
      // No file of ours, or one that went away meanwhile.
    }
    return [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * A fresh one-time address of a running studio.
 * @throws NOT_FOUND where it does not answer, FORBIDDEN where what answers is not that studio
 */
export async function askForAddress({ host, port, secret }: RunningStudio): Promise<string> {
  const nonce = newSecret();
  let answered: unknown;
  try {
    const reply = await fetch(`http://${host}:${port}${freshAddressPath}`, {
      method: 'POST',
      headers: { [askHeader]: `${nonce}.${proofOf(secret, 'ask', nonce)}` },
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
    answered = await reply.json();
  } catch (cause) {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the studio on port ${port} to answer, but it does not. Start it again: atelier serve.`,
      { port },
      { cause },
    );
  }
  const answer = Answer.safeParse(answered);
  if (answer.success && sameSecret(answer.data.proof, proofOf(secret, 'answer', nonce, answer.data.url))) {
    return answer.data.url;
  }
  throw new AtelierError(
    'FORBIDDEN',
    `Expected your studio on port ${port}, but something else answers there. Do not open its address; start the studio again: atelier serve.`,
    { port },
  );
}
