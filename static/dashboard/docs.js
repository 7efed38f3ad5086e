// The readable API description at /api/docs. Everything it needs comes from here.
const target = document.getElementById("docs");
SwaggerUIBundle({
  domNode: target,
  url: target.dataset.spec,
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
