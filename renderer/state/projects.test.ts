import { describe, expect, it } from 'vitest';
import { lastName, projectPath } from './projects.svelte.ts';

describe('where projects go', () => {
  it.each([
    ['/home/me/Atelier', 'Fashion-MNIST', '/home/me/Atelier/Fashion-MNIST.atelier'],
    ['/home/me/Atelier/', 'Äpfel und Birnen', '/home/me/Atelier/Äpfel und Birnen.atelier'],
    ['C:\\Users\\me\\Atelier', 'cats', 'C:\\Users\\me\\Atelier\\cats.atelier'],
    ['/p', '../../etc/passwd', '/p/etcpasswd.atelier'],
    ['/p', ' a:b?*\u0000.', '/p/ab.atelier'],
    ['/p', '...', '/p/Project.atelier'],
  ])('in %s, %s is %s', (folder, name, path) => expect(projectPath(folder, name)).toBe(path));

  it('names a source by its last part', () => {
    expect([lastName('/a/b/cats/'), lastName('C:\\x\\dogs'), lastName('plain')]).toEqual([
      'cats',
      'dogs',
      'plain',
    ]);
  });
});
