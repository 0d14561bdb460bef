// Asks the browser for a passkey, or to make one, where a form wants that; sends the form with the answer.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) break;
  const complaint = form.querySelector("[role=alert]");
  const offered = new AbortController();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    complaint.hidden = true;
    // A browser takes one question at a time.
    offered.abort();
    try {
      send(form, await ask(form.dataset));
    } catch {
      // Whoever closes the browser's dialogue and whoever has no passkey look alike to a page.
      complaint.hidden = false;
    }
  });
  form.hidden = false;
  if (document.querySelector("input[autocomplete~=webauthn]")) offer(form, offered.signal);
}

// Has the browser offer passkeys beside the addresses that it fills in (Web Authentication §5.1.7, conditional mediation).
async function offer(form, signal) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    send(form, await ask(form.dataset, { mediation: "conditional", signal }));
  } catch {
    // Nobody has asked for it, so nothing is said.
  }
}

function ask({ passkey, options }, how = {}) {
  const { publicKey } = JSON.parse(options);
  return passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey), ...how });
}

function send(form, credential) {
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
}
