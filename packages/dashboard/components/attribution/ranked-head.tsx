/** @file The head of a table of ranked words: its second column holds the words, the others numbers. */

export function RankedHead({ columns }: { columns: readonly string[] }) {
  return (
    <thead className="sticky top-0 bg-sunk text-left">
      <tr>
        {columns.map((name, i) => (
          <th
            key={name}
            scope="col"
            className={`whitespace-nowrap px-3 py-1.5 font-medium ${i === 1 ? "" : "text-right"}`}
          >
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
