/** The served studio lets one browser in, and nobody through another door. */
import { createServer, request as send } from 'node:http';
import type { BrowserContext, Page } from '@playwright/test';
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

/** Status of a request made past any browser. */
function status(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = send({ hostname, port, path: pathname + search, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

async function cookieOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}
const keptBy = (page: Page) =>
  page.evaluate(
    () => JSON.parse(localStorage.getItem('atelier.session') ?? 'null') as { secret: string; key: string },
  );
/** The address of an image as the page may load it. */
const pictureOf = async (page: Page) => `/images/items/1/thumbnail?key=${(await keptBy(page)).key}`;

test('lets in who has the one-time address, and nobody else', async ({ open, trained }) => {
  const { page, address = '' } = await open({ project: trained });
  await expect(page.getByRole('main')).toBeVisible();
  const home = new URL(page.url()).origin;
  const port = new URL(home).port;
  expect(page.url()).not.toContain('token');
  const cookies = await page.context().cookies();
  expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
    { httpOnly: true, sameSite: 'Strict' },
  ]);
  const cookie = await cookieOf(page.context());
  const { secret } = await keptBy(page);
  const protocol = { 'sec-websocket-protocol': `atelier, atelier.${secret}` };

  expect(await status(home, {})).toBe(403);
  expect(await status(address, {})).toBe(403);
  // DNS rebinding: the right address under a name of somebody else's.
  expect(await status(home, { cookie, host: `attacker.example:${port}` })).toBe(403);
  // A page of another origin opens a socket with the browser's cookie.
  const socket = { cookie, ...upgrade };
  expect(await status(`${home}/rpc`, { ...socket, ...protocol, origin: 'http://attacker.example' })).toBe(
    403,
  );
  expect(await status(`${home}/rpc`, { ...socket, origin: home })).toBe(403);
  expect(await status(`${home}/rpc`, { ...upgrade, ...protocol, origin: home })).toBe(403);
  expect(await status(`${home}/rpc`, { ...socket, ...protocol, origin: home })).toBe(101);
});

test('tells a second browser what to do', async ({ open, trained }) => {
  const { page, address = '' } = await open({ project: trained });
  const stranger = await page.context().browser()!.newContext();
  const other = await stranger.newPage();
  const answer = await other.goto(address);
  expect(answer?.status()).toBe(403);
  await expect(other.getByText('Press Enter in the terminal')).toBeVisible();
  await expect(other.getByText('atelier serve --new-address')).toBeVisible();
  await stranger.close();
});

test("gives nothing to another person's server on this machine, which the browser sends the cookie to", async ({
  open,
  trained,
}) => {
  const { page } = await open({ project: trained });
  await expect(page.getByRole('main')).toBeVisible();
  const home = new URL(page.url()).origin;
  const image = new URL(await pictureOf(page), home);
  expect(await status(image.href, { cookie: await cookieOf(page.context()) })).toBe(200);
  image.searchParams.delete('key');

  let received = '';
  const hostile = createServer((request, response) => {
    received = request.headers.cookie ?? received;
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Hostile</title>');
  });
  await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
  const { port } = hostile.address() as { port: number };
  const visited = await page.context().newPage();
  await visited.goto(`http://127.0.0.1:${port}/`);
  expect(received).toBe(await cookieOf(page.context()));

  // What its server can do with the cookie.
  const cookie = received;
  const origins: Record<string, string>[] = [{}, { origin: home }, { origin: `http://127.0.0.1:${port}` }];
  for (const origin of origins) {
    for (const path of [image.pathname, '/images/sheets/1-64', '/exports/run-1.zip', '/session'])
      expect(await status(home + path, { cookie, ...origin })).toBe(403);
    for (const path of ['/uploads', '/session', '/new-address'])
      expect(await status(home + path, { cookie, ...origin }, 'POST')).toBe(403);
    expect(await status(`${home}/rpc`, { cookie, ...upgrade, ...origin })).toBe(403);
  }
  // What its page can do in the person's browser.
  const got = await visited.evaluate(
    async ([studio, picture]) => {
      const answer = (path: string, init?: RequestInit) =>
        fetch(studio + path, { credentials: 'include', ...init }).then(
          () => 'read',
          () => 'nothing',
        );
      const event = (element: HTMLElement, source: string) =>
        new Promise<string>((resolve) => {
          element.onload = () => resolve('loaded');
          element.onerror = () => resolve('nothing');
          element.setAttribute('src', source);
          document.body.append(element);
        });
      const socket = (protocols: string[]) =>
        new Promise<string>((resolve) => {
          const made = new WebSocket(`${studio.replace('http', 'ws')}/rpc`, protocols);
          made.onopen = () => resolve('open');
          made.onclose = () => resolve('nothing');
        });
      return [
        await answer('/'),
        await answer(picture),
        await answer('/session', { method: 'POST' }),
        await event(document.createElement('img'), studio + picture),
        await event(document.createElement('script'), `${studio}/open`),
        await socket([]),
        await socket(['atelier']),
        localStorage.getItem('atelier.session') ?? 'nothing',
      ];
    },
    [home, image.pathname] as const,
  );
  expect(got).toEqual(Array(8).fill('nothing'));
  // The person goes on.
  await page.reload();
  await expect(page.getByRole('main')).toBeVisible();
  hostile.closeAllConnections();
  hostile.close();
});

test('is found again after the browser was closed, at the used address and at any other', async ({
  open,
  trained,
}) => {
  const { page, address = '' } = await open({ project: trained });
  await expect(page.getByRole('main')).toBeVisible();
  const home = new URL(page.url()).origin;
  const kept = await page.context().storageState();
  // What a browser forgets when it is closed.
  kept.cookies = kept.cookies.filter(({ expires }) => expires > 0);
  await page.context().close();
  const again = await page.context().browser()!.newContext({ storageState: kept });
  for (const place of [address, home, `${home}/#/train`]) {
    const tab = await again.newPage();
    await tab.goto(place);
    await expect(tab.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
    await expect(tab.locator('footer')).toContainText('All changes saved');
  }
});

test('lets a browser out, in all its tabs', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Data');
  const cookie = await cookieOf(page.context());
  const { secret, key } = await keptBy(page);
  const home = new URL(page.url()).origin;
  const image = new URL(await pictureOf(page), home).href;
  const other = await page.context().newPage();
  await other.goto(home);
  await expect(other.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByText('This studio is locked')).toBeVisible();
  await expect(other.getByRole('alert')).toContainText('This browser is not let in, or was logged out.');
  expect(image).toContain(key);
  expect(await status(image, { cookie, 'x-atelier-session': secret })).toBe(403);
  expect(await page.context().cookies()).toEqual([]);
  expect(await keptBy(page)).toBeNull();
});
