/** @file Which devices can be asked for; apart from device.ts so that reading a command line loads no engine. */

export const deviceChoices = ["auto", "cpu", "webgpu", "cuda", "tfjs"] as const;
export type DeviceChoice = (typeof deviceChoices)[number];
