SwaggerUIBundle({
  url: "api/v2/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  showExtensions: true,
  // Its badge would be asked of a validator elsewhere.
  validatorUrl: null,
});
