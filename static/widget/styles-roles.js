/** The panel's colour roles. The accent's roles, --ring and --halo come from the loader. */

const LIGHT = `
  --surface: #ffffff;
  --raised: #f3f4f6;
  --text: #14171f;
  --muted: #5b6270;
  --line: #e3e6ea;
  --border: #8b919d;
  --danger: #b8202a;
  --online: #3fd07f;
  --present: #1c8a4c;
  --bubble: #f0f1f4;
  --edge: rgb(0 0 0 / .07);
  --accent-text: var(--accent-on-light);
`;
const DARK = `
  --surface: #17191f;
  --raised: #1f222a;
  --text: #eceef2;
  --muted: #a3aab7;
  --line: #2d313b;
  --border: #737b8a;
  --danger: #ff8f8f;
  --present: #3fd07f;
  --bubble: #292d37;
  --edge: rgb(255 255 255 / .14);
  --accent-text: var(--accent-on-dark);
`;

export const ROLES = `
.frame { --accent-on-light: var(--ring); --accent-on-dark: var(--ring); ${LIGHT} }
.frame[data-theme="dark"] { ${DARK} }
@media (prefers-color-scheme: dark) { .frame:not([data-theme="light"]) { ${DARK} } }
`;
