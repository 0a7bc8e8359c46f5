/** @file Tailwind as the only CSS step. */
export default { plugins: { "@tailwindcss/postcss": {} } };
