/** @file A fetch whose answers end: what a hub says about its files is read whole into memory, page by page. */

/** Bytes of an answer; a page of the hub has a thousand files and less than a megabyte. */
const longestAnswer = 2 ** 26;

/** Requests of one listing or file; the largest repositories have a thousand pages. */
const mostRequests = 10_000;

/** Limits answers about files and about errors; files themselves are limited by the sizes that were told. */
export function limitedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  let requests = 0;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const where = `${url.origin}${url.pathname}`;
    if (++requests > mostRequests) throw new Error(`${where}: has more than ${mostRequests} pages`);
    const response = await fetch(input, init);
    if (response.body === null || (response.ok && !url.pathname.includes("/api/"))) return response;
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(counted(where)), { status, headers });
  };
}

function counted(where: string): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.length;
      if (bytes <= longestAnswer) return controller.enqueue(chunk);
      throw new Error(`${where}: answers with more than ${longestAnswer} bytes`);
    },
  });
}
