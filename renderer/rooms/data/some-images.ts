/** When there is anything to look at. */
import { studio } from '../../stores.ts';

export const someImages = () => (studio.project?.counts.total ?? 0) > 0 || 'Import the images first';
