/** @file For addresses that lead nowhere. */

import Link from "next/link";
import { Empty } from "@/components/empty";

export default function NotFound() {
  return (
    <main id="main" className="px-4">
      <Empty title="Nothing is here">
        <p>
          The link may name a trial of another store.{" "}
          <Link className="link" href="/">
            Experiments
          </Link>{" "}
          lists what this one has.
        </p>
      </Empty>
    </main>
  );
}
