// Before the first paint, and therefore no module: the agent's choice of light or dark, kept in this browser.
try {
  const theme = localStorage.getItem("deskbell:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is denied: the system's choice
}
