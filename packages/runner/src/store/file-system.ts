/** @file What kind of file system a folder lies on: SQLite's write-ahead log needs shared memory, which network file systems lack. */

import { statfsSync } from "node:fs";

/** Linux `f_type` numbers of file systems that several machines share (statfs(2), linux/magic.h). */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x00c36400, "Ceph"],
  [0x19830326, "BeeGFS"],
  [0xaad7aaea, "PanFS"],
  [0x5346414f, "AFS"],
]);

/** Name of the network file system with this `f_type`, or undefined when it is local or unknown. */
export function networkFileSystem(type: number): string | undefined {
  return networkFileSystems.get(type >>> 0);
}

/** Name of the network file system a folder lies on, or undefined. The numbers are Linux's. */
export function networkFileSystemOf(folder: string): string | undefined {
  return process.platform === "linux" ? networkFileSystem(statfsSync(folder).type) : undefined;
}
