import { expect, it } from 'vitest';
import { csv } from './csv.ts';

it('quotes what a spreadsheet would run or split', () => {
  expect(
    csv([
      ['=1+1', '+1', '-1', '@a', '\tb', 'c,d', 'e"f', 'g\nh', 'i;=j()'],
      [-1, 2],
    ]),
  ).toBe(`'=1+1,'+1,'-1,'@a,'\tb,"c,d","e""f","g\nh","i;=j()"\r\n-1,2\r\n`);
});
