// The page in the preview's frame: hands on what its own settings page says, and hears nobody else.
let config = JSON.parse(document.getElementById("deskbell-preview").textContent);

window.addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== parent || !event.data?.deskbellPreview) return;
  config = { ...config, ...event.data.deskbellPreview };
  document.dispatchEvent(new CustomEvent("deskbell:preview", { detail: config }));
});
