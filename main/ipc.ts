/**
 * The one way in for messages from a page: what sender.ts lets through reaches its handler.
 */
import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import type * as z from 'zod';
import { checkMessage, type Sender } from './sender.ts';

function senderOf({ senderFrame: frame, sender }: IpcMainInvokeEvent): Sender | null {
  return frame && { url: frame.url, origin: frame.origin, isMainFrame: frame === sender.mainFrame };
}

/** Answers `ipcRenderer.invoke(channel, argument)`. */
export function answerOn<S extends z.ZodType>(
  channel: string,
  schema: S,
  handler: (argument: z.infer<S>, event: IpcMainInvokeEvent) => unknown,
): void {
  ipcMain.handle(channel, (event, ...args: unknown[]) =>
    handler(checkMessage(senderOf(event), schema, args), event),
  );
}
