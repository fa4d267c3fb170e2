/** Whether tfjs finds the device that Dawn gives, whatever Node offers by itself. */
import { webgpu_util } from '@tensorflow/tfjs-backend-webgpu';
import { afterEach, describe, expect, it } from 'vitest';
import { offerGpu } from './webgpu.ts';

describe('the WebGPU engine', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    if (own) Object.defineProperty(globalThis, 'navigator', own);
    else delete (globalThis as { navigator?: object }).navigator;
  });
  it.each([
    ['without a navigator, as Node 20 is', undefined],
    ['with one, as Node 21 and later', {}],
  ])('is offered to tfjs %s', (_, navigator) => {
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    expect(webgpu_util.isWebGPUSupported()).toBe(false);
    offerGpu({} as GPU);
    expect(webgpu_util.isWebGPUSupported()).toBe(true);
  });
});
