/** What would make a run better: the list of learning/improvements, of the facts that are kept. */
import type { Improvements } from '#contract/improvements.ts';
import { improvementsOf } from '#learning/improvements/list.ts';
import { type FactSources, factsOf } from './facts.ts';

/** @throws NOT_FOUND for an unknown run, or where its predictions are lost */
export async function improvements(sources: FactSources, runId: string): Promise<Improvements> {
  const facts = await factsOf(sources, runId);
  if (!facts) return { runId, validation: null, list: [] };
  const { count, accuracy } = facts.validation;
  return { runId, validation: { count, accuracy }, list: improvementsOf(facts) };
}
