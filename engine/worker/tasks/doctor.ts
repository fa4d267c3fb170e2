/** Task `doctor`: which engine computes here. */
import type { TaskFunction } from '../protocol.ts';
import { workerEngine } from '../engine.ts';

export const doctor: TaskFunction<'doctor'> = async () => (await workerEngine()).info;
