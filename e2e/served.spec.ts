/** The served studio lets one browser in, and nobody through another door. */
import { request as send } from 'node:http';
import { expect, test } from './studio.ts';

/** Status of a request made past any browser. */
function status(url: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = send({ hostname, port, path: pathname + search, headers }, (response) => {
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

test('lets in who has the one-time address, and nobody else', async ({ open, trained }) => {
  const { page, address = '' } = await open({ project: trained });
  await expect(page.getByRole('main')).toBeVisible();
  const home = new URL(page.url()).origin;
  const port = new URL(home).port;
  const cookies = await page.context().cookies();
  expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
    { httpOnly: true, sameSite: 'Strict' },
  ]);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

  expect(await status(home, {})).toBe(403);
  expect(await status(address, {})).toBe(403);
  expect(await status(home, { cookie })).toBe(200);
  // DNS rebinding: the right address under a name of somebody else's.
  expect(await status(home, { cookie, host: `attacker.example:${port}` })).toBe(403);
  // A page of another origin opens a socket with the browser's cookie.
  const upgrade = {
    cookie,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  expect(await status(`${home}/rpc`, { ...upgrade, origin: 'http://attacker.example' })).toBe(403);
  expect(await status(`${home}/rpc`, { ...upgrade, origin: home })).toBe(101);
});

test('tells a second browser what to do', async ({ open, trained }) => {
  const { page, address = '' } = await open({ project: trained });
  const stranger = await page.context().browser()!.newContext();
  const other = await stranger.newPage();
  const answer = await other.goto(address);
  expect(answer?.status()).toBe(403);
  await expect(other.getByText('Press Enter in the terminal')).toBeVisible();
  await stranger.close();
});
