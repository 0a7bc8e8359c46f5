"""What every peer script shares: do the work once per line of input, say how long it took."""

import json
import sys
import time


def serve(work):
    """Calls work() for each line on standard input; work may return a dict of further figures."""
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        cpu = time.process_time()
        extra = work() or {}
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "cpu": time.process_time() - cpu, **extra}), flush=True)
