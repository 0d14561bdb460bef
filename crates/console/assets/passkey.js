// Asks the browser for a passkey, or to make one, where a form wants that; sends the form with the answer.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) break;
  const complaint = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    complaint.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await ask(form.dataset));
    } catch {
      // Whoever closes the browser's dialogue and whoever has no passkey look alike to a page.
      complaint.hidden = false;
      return;
    }
    form.submit();
  });
  form.hidden = false;
}

async function ask({ passkey, options }) {
  const { publicKey } = JSON.parse(options);
  return passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}
