/** Keeps zod from probing for `eval`, which the content security policy would report. Import before any schema. */
import * as z from 'zod';

z.config({ jitless: true });
