/** Numbers and names by which the studio tells its things apart. */
import * as z from 'zod';

export const ItemId = z.int().positive();
export const ClassId = z.int().positive();
export const SourceId = z.int().positive();
/** Of the map of embeddings that was computed last; another one has another. */
export const MapId = z.string().regex(/^[0-9a-f]{16}$/);
export const RunId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const StudyId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const JobId = z.string().regex(/^[a-z0-9-]{1,64}$/);
