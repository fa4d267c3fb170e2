/** What the schema of every command is made of. */
import { oc } from '@orpc/contract';
import * as z from 'zod';

export const none = z.object({}).optional();

export const command = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) =>
  oc.input(input).output(output);
