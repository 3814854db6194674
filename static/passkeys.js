// Passkeys: hands what the site asks to the browser, and its answer back in the form.
(() => {
  "use strict";
  const known = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

  const ask = async (form) => {
    const options = JSON.parse(form.dataset.options);
    const found = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.passkey.value = JSON.stringify(found.toJSON());
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const told = form.querySelector("[role=alert]");
    const say = (sentence) => { told.textContent = sentence; told.hidden = false; };
    if (!known) {
      say("This browser knows no passkeys, or an older kind. Use a newer one, or a code.");
      continue;
    }
    const button = form.querySelector("button");
    button.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      told.hidden = true;
      ask(form).catch(() => say("No passkey was used. Try again, or use a code."));
    });
  }
})();
